"""Two operators on one cluster: one acts, the other takes over, and never both."""
import os
import re
import signal
import time

import pytest
from support import agents
from support.agents import condition, confirmed, in_phase
from support.cluster import Cluster
from support.kube import eventually
from support.processes import SYSTEM, Installation


@pytest.fixture(scope="module")
def own():
    """A cluster of this module's own: its operators come and go."""
    with Cluster.start() as cluster:
        installed = Installation(cluster).install()
        installed.start_webhook()  # fails closed: roles and Jobs could not be created without it
        yield installed


@pytest.fixture
def pair(own):
    """Two operators, both ready."""
    both = [own.start_operator(leader_elect=True) for _ in range(2)]
    eventually(lambda: any(p.guards_hold() for p in both), 60, what="the guards hold")
    yield both
    for process in both:
        os.kill(process.pid, signal.SIGCONT) if process.alive else None
        process.stop()


@pytest.fixture
def world(own, request):
    name = "lead-" + re.sub(r"[^a-z]", "", request.node.name)[:40]
    own.enroll(name, roles=("reader",))
    own.kube.create(agents.role(name))
    own.kube.create(agents.identity(name))
    own.kube.create(agents.deployment(name))
    return name


def leader_of(pair):
    return next((p for p in pair if p.alive and p.leads()), None)


def holder(kube) -> str:
    return kube.get("Lease", "errand-operator", SYSTEM)["spec"].get("holderIdentity", "")


def identity_ready(kube, ns):
    kube.wait_for("AgentIdentity", "bot", ns, lambda a: condition(a, "Ready").get("status") == "True")


def test_one_leads_and_hands_over_on_sigterm(own, pair, world):
    kube = own.kube
    first = eventually(lambda: leader_of(pair), 25, what="one of the two leads")
    assert [p.leads() for p in pair].count(True) == 1
    identity_ready(kube, world)
    kube.create(agents.grant(world, "before", "Deployment/serve", "Slot"))
    kube.wait_for("TaskGrant", "before", world, in_phase("Active"))
    held = holder(kube)
    assert first.stop() == 0
    stopped = time.monotonic()
    second = next(p for p in pair if p is not first)
    eventually(lambda: second.leads(), 5, 0.05, what="the other leads")
    assert time.monotonic() - stopped < 3
    assert holder(kube) not in ("", held)
    kube.patch("TaskGrant", "before", world, {"spec": {"revoke": {"reason": "done"}}})
    kube.wait_for("TaskGrant", "before", world, in_phase("Revoked"))
    g = kube.wait_for("TaskGrant", "before", world, confirmed, 40)
    assert agents.owned(kube, world, g) == []


def test_a_leader_that_was_stopped_for_30_seconds_leads_no_more(own, pair, world):
    kube = own.kube
    first = eventually(lambda: leader_of(pair), 25, what="one of the two leads")
    second = next(p for p in pair if p is not first)
    identity_ready(kube, world)
    os.kill(first.pid, signal.SIGSTOP)
    stopped = time.monotonic()
    kube.create(agents.grant(world, "task", "Deployment/serve", "Slot"))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Active"), 30)
    written = kube.get("Secret", g["status"]["secretName"], world)
    time.sleep(max(0, 30 - (time.monotonic() - stopped)))
    os.kill(first.pid, signal.SIGCONT)
    eventually(lambda: not first.leads(), 5, 0.05, what="it knows that it leads no more")
    assert second.leads() and first.alive
    time.sleep(2)
    assert kube.get("Secret", g["status"]["secretName"], world)["metadata"]["resourceVersion"] == \
        written["metadata"]["resourceVersion"]
    # And it can lead again.
    assert second.stop() == 0
    eventually(lambda: first.leads(), 5, 0.05, what="the first leads again")
    kube.patch("TaskGrant", "task", world, {"spec": {"revoke": {"reason": "done"}}})
    kube.wait_for("TaskGrant", "task", world, in_phase("Revoked"))
    assert first.stop() == 0


def test_senseless_times_are_refused_by_name(own):
    process = own.start_operator("--leader-elect-renew-deadline", "20s", leader_elect=True, wait=False)
    eventually(lambda: not process.alive, 10)
    assert "the lease duration 15s must be longer than the renew deadline 20s" in process.tail(3)
