"""Seeded schedules of stale and unobserved state on the real server: held-back events, older lists, lost
connections, refused and half-answered writes, restarts. However they fall: a grant that has ended is never
minted for again, nothing of it is left, and its end is proved.

ERRAND_SEED=N repeats one schedule, by itself.
"""
import concurrent.futures
import os
import random
import time

import pytest
from support import agents
from support.agents import confirmed
from support.kube import ApiError, Timeout, eventually
from support.proxy import WRITES, rule
from support.scenarios import SCENARIOS, behind_a_proxy, prepare
from support.supervised import Supervised

WHOLE = os.environ.get("ERRAND_FAULTS") == "whole"
AT_ONCE = 8 if WHOLE else 5
SEEDS = [int(os.environ["ERRAND_SEED"])] if "ERRAND_SEED" in os.environ else list(range(50 if WHOLE else AT_ONCE))
WAVES = [SEEDS[i:i + AT_ONCE] for i in range(0, len(SEEDS), AT_ONCE)]
TROUBLE = 8  # seconds for which things go wrong
SETTLES = 45
ENDS = {s.name: s for s in SCENARIOS if not s.stalls and not s.under and s.name != "slot-expired"}


@pytest.fixture(scope="module")
def place():
    with behind_a_proxy() as (installation, kube, proxy):
        proxy.remember(".*/(taskgrants|agentidentities|serviceaccounts|rolebindings|secrets|jobs|pods|deployments)")
        with Supervised(installation, proxy.url) as operator:
            yield installation, kube, proxy, operator


def trouble(rng: random.Random, ns: str) -> list[dict]:
    """What goes wrong for one namespace: three or four things out of these."""
    own = f".*/namespaces/{ns}/.*"
    watched = f".*/namespaces/{ns}/(serviceaccounts|rolebindings|secrets|jobs|pods)"
    menu = [
        rule(f"{ns}.held", "watch-hold", path=watched, probability=0.3, seconds=rng.uniform(0.2, 3), count=4),
        rule(f"{ns}.grant-held", "watch-hold", path=".*/taskgrants", object=f"{ns}/task", skip=rng.randrange(4),
             seconds=rng.uniform(0.2, 2), count=1),
        rule(f"{ns}.merged", "watch-merge", path=watched, probability=0.3, seconds=rng.uniform(0.2, 1), count=3),
        rule(f"{ns}.twice", "watch-duplicate", path=watched, probability=0.5),
        rule(f"{ns}.gone", "watch-error", status=410, path=watched, probability=0.3, count=3),
        rule(f"{ns}.older", "older", path=watched, query=".*sendInitialEvents.*", probability=0.7,
             events=rng.randrange(1, 8), seconds=rng.uniform(0.1, 2), count=6),
        rule(f"{ns}.older-grants", "older", path=".*/(taskgrants|agentidentities)", query=".*sendInitialEvents.*",
             probability=0.5, events=rng.randrange(1, 6), seconds=rng.uniform(0.1, 2), count=2),
        rule(f"{ns}.refused", "status", status=rng.choice([409, 429, 500, 503]), retryAfter=1, method=WRITES, path=own,
             probability=0.3, count=4),
        rule(f"{ns}.denied", "status", status=rng.choice([500, 503]), when="after", method=WRITES, path=own,
             probability=0.3, count=4),
        rule(f"{ns}.cut", "cut-answer", at=rng.randrange(0, 900), method=WRITES, path=own, probability=0.3, count=4),
        rule(f"{ns}.slow", "delay", seconds=rng.uniform(0.1, 1), when=rng.choice(["before", "after"]), path=own,
             method=WRITES, probability=0.5),
        rule(f"{ns}.lost", "black-hole", seconds=2, when=rng.choice(["before", "after"]), path=own, method=WRITES,
             probability=0.3, count=2),
    ]
    return rng.sample(menu, rng.randrange(3, 5))


def schedule(place, seed: int) -> None:
    installation, kube, proxy, operator = place
    rng, ns = random.Random(seed), f"seed-{seed}"
    scenario = ENDS[rng.choice(sorted(ENDS))]
    prepare(installation, ns)
    since = len(proxy.log())
    rules = trouble(rng, ns)
    proxy.add(*rules)
    over = time.monotonic() + TROUBLE
    deaths = operator.deaths
    kube.create(agents.deployment(ns) if scenario.slot else agents.job(ns, grant_name="task"))
    grant = kube.create(agents.grant(ns, "task", scenario.workload, "Slot" if scenario.slot else "Projected",
                                     **scenario.spec))
    time.sleep(rng.uniform(0, 4))  # the end may find it waiting, starting or Active
    end_soon(kube, ns, scenario)
    for _ in range(rng.randrange(4)):
        time.sleep(rng.uniform(0, 1.5))
        if rng.random() < 0.3:
            operator.kill()
        else:
            proxy.drop(rng.choice([f".*/namespaces/{ns}/.*", ".*/taskgrants", ".*/agentidentities"]), "watch=true")
    time.sleep(max(0, over - time.monotonic()))
    for r in rules:
        proxy.remove(r["name"])

    def ended() -> dict | None:
        current = kube.find("TaskGrant", "task", ns)
        return {"status": {}} if current is None else current if "endedAt" in current.get("status", {}) else None

    status = eventually(ended, SETTLES, what=f"{ns}/task ends")["status"]
    eventually(lambda: not agents.owned(kube, ns, grant), SETTLES, what=f"nothing is left of {ns}/task")
    if status.get("startedAt"):  # else there never was a credential, and nothing is to be proved
        try:
            kube.wait_for("TaskGrant", "task", ns, confirmed, SETTLES)
        except Timeout:
            # A process that died had a token, or would have minted one, that only its expiry can prove.
            assert operator.deaths > deaths, f"{ns}/task: its end is not confirmed"
    if status:
        at = agents.moment(status["endedAt"]) + 1  # stored in whole seconds
        late = [r for r in proxy.log(since) if r.mint and r.forwarded and f"/namespaces/{ns}/" in r.path and r.arrived > at]
        assert not late, f"{ns}/task: minted {[round(r.arrived - at, 2) for r in late]} s after its end"


def end_soon(kube, ns: str, scenario) -> None:
    """A Job that has no pod yet cannot finish: then the grant is revoked."""
    try:
        if scenario.name in ("job-completed", "job-failed") and not kube.list("Pod", ns):
            raise AssertionError("no pod yet")
        scenario.end(kube, ns)
    except (ApiError, AssertionError):
        pass
    if scenario.name in ("job-completed", "job-failed"):
        # A gated pod never finishes; what the end of such a task comes to is its revocation.
        kube.patch("TaskGrant", "task", ns, {"spec": {"revoke": {"reason": "test"}}})


def story(place, seed: int) -> str:
    """What is there to see of a schedule that went wrong."""
    installation, kube, proxy, _ = place
    ns = f"seed-{seed}"
    logs = "".join(p.log.read_text(errors="replace") for p in installation.processes[-1:])
    about = [line for line in logs.splitlines() if ns in line or '"started"' in line][-25:]
    calls = [f"{r.arrived:.1f} {r.method} {r.path} {r.query[:40]} {r.status} {r.rule}" for r in proxy.log()
             if f"/{ns}/" in r.path][-25:]
    return "\n".join([str(kube.find("TaskGrant", "task", ns)), *about, *calls])


@pytest.mark.parametrize("seeds", WAVES, ids=lambda s: f"{s[0]}-{s[-1]}")
def test_schedules(place, seeds):
    _, kube, proxy, _ = place
    struck = len([r for r in proxy.log() if r.rule])
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        runs = {seed: pool.submit(schedule, place, seed) for seed in seeds}
    wrong = {seed: f"{run.exception()}\n{story(place, seed)}" for seed, run in runs.items() if run.exception()}
    assert not wrong, "\n".join(f"seed {seed}: {error}" for seed, error in wrong.items())
    assert len([r for r in proxy.log() if r.rule]) > struck, "nothing went wrong"
    for seed in seeds:
        kube.delete("Namespace", f"seed-{seed}")
