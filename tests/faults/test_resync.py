"""A resync costs no call: every watch starts over, and nothing that has converged is touched or asked about."""
import os
import time

import pytest
from support import agents
from support.agents import condition
from support.kube import eventually
from support.proxy import rule
from support.scenarios import behind_a_proxy

GRANTS = 10_000 if os.environ.get("ERRAND_FAULTS") == "whole" else 200
WATCHED = 3 + 7  # kinds of the whole cluster, and of one namespace
NS = "converged"


@pytest.fixture(scope="module")
def place():
    with behind_a_proxy() as own:
        yield own


def all_active(kube) -> bool:
    return all(condition(g, "Active").get("status") == "True" for g in kube.list("TaskGrant", NS))


def of_guards(r) -> bool:
    return r.method == "GET" and ("/apis/admissionregistration.k8s.io/" in r.path or r.path.endswith("/configmaps/errand-guards"))


def quiet_since(proxy, since: int) -> int:
    """Where the log stands, once nothing but watches and the look at the guards has come for three seconds."""
    def quiet():
        nonlocal since
        at = len(proxy.log(since)) + since
        moved, since = any("watch=true" not in r.query and not of_guards(r) for r in proxy.log(since)), at
        return not moved
    eventually(quiet, 60, 3, "the operator has nothing to do")
    return since


def test_a_converged_set_makes_no_call_in_a_resync(place):
    installation, kube, proxy = place
    agents.apply_many(installation, NS, GRANTS, duration="1h")
    installation.start_operator(server=proxy.url)
    eventually(lambda: all_active(kube), 60 + GRANTS / 20, 1 + GRANTS / 2000, "all grants are Active")
    since = quiet_since(proxy, 0)
    # Every watch that wants to go on from where it was is told that this is gone, and lists anew.
    proxy.plan(rule("gone", "status", status=410, query=".*[&]resourceVersion=[0-9]+"))
    proxy.drop(query="watch=true")

    def listed() -> set[str]:
        return {r.path for r in proxy.log(since) if r.status == 410}

    eventually(lambda: len(listed()) >= WATCHED, 60, 0.2, "all watches start over")
    time.sleep(5 + GRANTS / 1000)
    # Whether the server is back, one asks for all, where a watch was cut before it was answered; and whether the guards
    # hold is asked every few seconds, however many grants there are.
    calls = [(r.method, r.path, r.query) for r in proxy.log(since)
             if "watch=true" not in r.query and r.path != "/readyz" and not of_guards(r)]
    assert calls == []
    assert all_active(kube)
