"""A leader that is stopped for longer than its Lease, in the middle of a mint, comes back and mints nothing more."""
import os
import signal
import time

import pytest
from support import agents
from support.agents import confirmed, in_phase
from support.cluster import Cluster
from support.kube import eventually
from support.processes import Installation
from support.proxy import FaultProxy, rule
from support.scenarios import prepare

NS = "leaders"
STOPPED = 30 if os.environ.get("ERRAND_FAULTS") == "whole" else 20  # beyond the 15 s of a Lease


@pytest.fixture(scope="module")
def place():
    """Two operators, each behind a proxy of its own, so that one can tell who asked for what."""
    with Cluster.start() as cluster:
        installation = Installation(cluster).install()
        installation.start_webhook()  # fails closed: roles and workloads could not be created without it
        prepare(installation, NS)
        installation.start_operator().stop()  # what is made from here on counts
        cluster.kube.create(agents.deployment(NS))
        with FaultProxy(cluster) as one, FaultProxy(cluster) as two:
            pairs = [(installation.start_operator(server=p.url, leader_elect=True), p) for p in (one, two)]
            yield cluster.kube, pairs
            for process, _ in pairs:
                if process.alive:
                    os.kill(process.pid, signal.SIGCONT)
        installation.stop()


def mints(proxy, since: int = 0):
    return [r for r in proxy.log(since) if r.mint and f"/namespaces/{NS}/" in r.path]


def test_stopped_in_the_middle_of_a_mint(place):
    kube, pairs = place
    first, its_proxy = eventually(lambda: next((p for p in pairs if p[0].leads()), None), 30, what="one of the two leads")
    eventually(first.guards_hold, 60, what="grants may start")
    second, other_proxy = next(p for p in pairs if p[0] is not first)
    its_proxy.plan(rule("mint", "hold", method="POST", path=f".*/namespaces/{NS}/serviceaccounts/.*/token", when="after", count=1))
    kube.create(agents.grant(NS, "task", "Deployment/serve", "Slot"))
    its_proxy.wait_held("mint", 20)
    os.kill(first.pid, signal.SIGSTOP)
    stopped = time.monotonic()
    g = kube.wait_for("TaskGrant", "task", NS, in_phase("Active"), 30)
    assert len(mints(other_proxy)) == 1
    written = kube.get("Secret", "errand-bot-fixer", NS)
    its_proxy.release("mint")  # the answer waits in the stopped process's socket
    time.sleep(max(0, STOPPED - (time.monotonic() - stopped)))
    since = len(its_proxy.log())
    os.kill(first.pid, signal.SIGCONT)
    eventually(lambda: not first.leads(), 5, what="it knows that it leads no more")
    time.sleep(3)
    sent = [r for r in its_proxy.log(since) if r.write and "/leases" not in r.path and r.status < 400 and r.forwarded]
    assert not sent, sent
    assert not mints(its_proxy, since)
    secret = kube.get("Secret", "errand-bot-fixer", NS)
    assert secret["metadata"]["resourceVersion"] == written["metadata"]["resourceVersion"]
    assert agents.claims(agents.secret_value(kube, NS, "errand-bot-fixer", "token"))["kubernetes.io"]["secret"]["uid"] == \
        secret["metadata"]["uid"]

    assert second.leads()
    assert second.stop() == 0
    ended = time.monotonic()
    eventually(lambda: first.leads(), 10, 0.02, what="the first leads again")
    handover = time.monotonic() - ended
    print(f"handover {handover:.2f} s after the exit on SIGTERM")
    assert handover < 3
    kube.patch("TaskGrant", "task", NS, {"spec": {"revoke": {"reason": "done"}}})
    kube.wait_for("TaskGrant", "task", NS, in_phase("Revoked"), 15)
    eventually(lambda: not agents.owned(kube, NS, g), 10, what="nothing is left of the grant")
    kube.wait_for("TaskGrant", "task", NS, confirmed, 45)
