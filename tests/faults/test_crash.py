"""SIGKILL after each API call of each life that the demo shows: the same objects in the end.

Several lives at a time, each in a namespace of its own and with a crash of its own;
so each also sees the crashes of the others.
"""
import collections
import concurrent.futures
import contextlib
import os
import re

import pytest
from support import agents
from support.agents import confirmed, in_phase
from support.enrolment import set_mode
from support.kube import Timeout
from support.proxy import TOKEN_REVIEWS, rule
from support.scenarios import SCENARIOS, Outcome, behind_a_proxy, live, prepare, wait_confirmed
from support.supervised import Supervised

WHOLE = os.environ.get("ERRAND_FAULTS") == "whole"
AT_ONCE = 4


@pytest.fixture(scope="module")
def place():
    """A cluster of its own, for here the operator dies again and again."""
    with behind_a_proxy() as own:
        yield own


def calls_of(ns: str, records) -> list[tuple[str, str, int]]:
    """The calls of a life as (method, pattern of the path, how often before), watches and events left out. Reviews are of
    no namespace: the first and a later one of the proof stand for all of them."""
    seen: collections.Counter = collections.Counter()
    points = []
    for r in records:
        if f"/namespaces/{ns}" not in r.path or "watch=true" in r.query or not r.forwarded:
            continue
        if "/events" in r.path:  # told beside the reconciles, aggregated: nothing waits for one
            continue
        path = re.escape(r.path.replace(ns, "NAMESPACE")).replace("NAMESPACE", "{ns}")
        path = re.sub(r"errand\\-g\\\.[0-9a-f]+", r"errand-g\\.[0-9a-f]+", path)
        points.append((r.method, path, seen[r.method, path]))
        seen[r.method, path] += 1
    if any(r.path == TOKEN_REVIEWS for r in records):
        points += [("POST", TOKEN_REVIEWS, 0), ("POST", TOKEN_REVIEWS, 4)]
    return points


def crash_in(place, operator, scenario, ns: str, point) -> tuple[Outcome, bool]:
    """What the life came to, and whether the operator was killed at that point of it."""
    installation, kube, proxy = place
    since = len(proxy.log())
    prepare(installation, ns)
    method, path, skip = point
    proxy.add(rule(ns, "kill", pidFile=str(operator.pid_file), method=method, path=path.replace("{ns}", ns), skip=skip,
                   count=1))
    outcome = live(kube, ns, scenario)
    if path == TOKEN_REVIEWS:
        with contextlib.suppress(Timeout):  # an operator that was killed in between may have fewer to ask
            proxy.wait_fired(ns, timeout=30)
    assert_no_mint_after_the_end(kube, proxy.log(since), ns)
    struck = proxy.state(ns)["fired"] > 0
    proxy.remove(ns)
    kube.delete("Namespace", ns)  # at once: each start of an operator begins with seven watches of every namespace
    return outcome, struck


@pytest.mark.parametrize("scenario", SCENARIOS if WHOLE else SCENARIOS[:1], ids=lambda s: s.name)
def test_killed_after_each_call(place, scenario):
    installation, kube, proxy = place
    with Supervised(installation, proxy.url) as operator:
        calm = f"calm-{scenario.name}"
        prepare(installation, calm)
        since = len(proxy.log())
        undisturbed = live(kube, calm, scenario)
        if scenario.phase:
            assert wait_confirmed(kube, calm) == "TokenReview"
        points = calls_of(calm, proxy.log(since))
        assert len(points) >= (2 if scenario.stalls else 8), points
        if not WHOLE:
            points = points[::max(1, -(-len(points) // 8))]

        names = [f"{scenario.name}-{n}" for n in range(len(points))]
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            runs = {n: pool.submit(crash_in, place, operator, scenario, n, p) for n, p in zip(names, points)}
        wrong = {}
        for (name, run), point in zip(runs.items(), points):
            error = run.exception()
            if error or run.result()[0] != undisturbed:
                wrong[name, point] = error or run.result()[0]
        assert not wrong, "\n".join([f"undisturbed: {undisturbed}", *(f"{k}: {v}" for k, v in wrong.items())])
        struck = [name for name, run in runs.items() if run.result()[1]]
        # Where two steps meet, a life has fewer calls than the undisturbed one.
        assert len(struck) >= len(points) * 3 // 4, [p for n, p in zip(names, points) if n not in struck]
        assert operator.deaths >= len(struck) // 2
        proxy.plan()
    kube.delete("Namespace", calm)


def assert_no_mint_after_the_end(kube, records, ns: str) -> None:
    if (grant := kube.find("TaskGrant", "task", ns)) is None or "endedAt" not in grant.get("status", {}):
        return
    ended = agents.moment(grant["status"]["endedAt"]) + 1  # stored in whole seconds
    late = [r for r in records if r.mint and f"/namespaces/{ns}/" in r.path and r.arrived > ended]
    assert not late, f"{ns}: minted {[r.arrived - ended for r in late]} s after the end"


def test_what_happened_while_the_operator_was_away_ends_grants(place):
    installation, kube, _ = place
    ns = "away"
    prepare(installation, ns)
    operator = installation.start_operator()
    kube.create(agents.deployment(ns))
    kube.create(agents.grant(ns, "task", "Deployment/serve", "Slot"))
    kube.wait_for("TaskGrant", "task", ns, in_phase("Active"), 30)
    token = agents.secret_value(kube, ns, "errand-bot-fixer", "token")
    operator.kill()
    set_mode(kube, ns, "audit")
    operator = installation.start_operator()
    g = kube.wait_for("TaskGrant", "task", ns, in_phase("Revoked"), 15)
    assert g["status"]["endedBecause"] == "NamespaceNotEnforced"
    agents.eventually(lambda: not agents.owned(kube, ns, g), 10, what="nothing is left of the grant")
    agents.refused_within(kube, token, 12)
    g = kube.wait_for("TaskGrant", "task", ns, confirmed, 40)
    assert g["status"]["revocation"]["confirmedBy"] == "TokenReview", "the token was taken from the Secret before it went"
    operator.stop()
