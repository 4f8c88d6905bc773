"""SIGKILL between any two writes of a grant's start and end: the same objects in the end."""
import pytest

import agents
from agents import confirmed, in_phase
from cluster import Cluster
from processes import Installation
from proxy import FaultProxy, writes_only

NAMESPACE = "crash"


@pytest.fixture(scope="module")
def place():
    """A cluster of its own, for here the operator dies again and again."""
    with Cluster.start() as cluster:
        installation = Installation(cluster).install()
        installation.enroll(NAMESPACE, roles=("reader",))
        cluster.kube.create(agents.role(NAMESPACE))
        with FaultProxy(cluster, writes_only) as proxy:
            yield installation, cluster.kube, proxy
        installation.stop()


class Crashing:
    """An operator that is killed after chosen writes and started again each time."""

    def __init__(self, installation, proxy):
        self.installation, self.proxy, self.crashes = installation, proxy, 0
        self.process = installation.start_operator(server=proxy.url)

    def kill_at(self, write: int) -> None:
        self.proxy.cut_after(write, self._restart)

    def _restart(self) -> None:
        self.process.kill()
        self.crashes += 1
        self.process = self.installation.start_operator(server=self.proxy.url, wait=False)


def life(kube, tag: str, mode: str) -> tuple[list[str], list[str], dict]:
    """One grant from apply to confirmed end: what it owned while Active, what is left, and the grant."""
    workload = f"Job/{tag}" if mode == "Projected" else f"Deployment/{tag}"
    kube.create(agents.identity(NAMESPACE, tag))
    kube.create(agents.job(NAMESPACE, tag) if mode == "Projected" else
                agents.deployment(NAMESPACE, tag, tag, f"errand-{tag}-fixer"))
    kube.create(agents.grant(NAMESPACE, tag, workload, mode, agent=tag))
    g = kube.wait_for("TaskGrant", tag, NAMESPACE, in_phase("Active"), 30)
    token = None if mode == "Projected" else agents.secret_value(kube, NAMESPACE, f"errand-{tag}-fixer", "token")
    while_active = [name.split("/")[0] for name in agents.owned(kube, NAMESPACE, g)]
    kube.patch("TaskGrant", tag, NAMESPACE, {"spec": {"revoke": {"reason": "test"}}})
    kube.wait_for("TaskGrant", tag, NAMESPACE, in_phase("Revoked"), 30)
    agents.eventually(lambda: not agents.owned(kube, NAMESPACE, g), 30, what="nothing is left of the grant")
    if token:
        agents.refused_within(kube, token, 12)
    return while_active, agents.owned(kube, NAMESPACE, g), kube.get("TaskGrant", tag, NAMESPACE)


@pytest.mark.parametrize("mode", ["Slot", "Projected"])
def test_killed_after_each_write_of_a_life(place, mode):
    installation, kube, proxy = place
    operator = Crashing(installation, proxy)
    before = len(proxy.log)
    undisturbed = life(kube, f"calm-{mode.lower()}", mode)
    kube.wait_for("TaskGrant", f"calm-{mode.lower()}", NAMESPACE, confirmed, 40)
    writes = len(proxy.log) - before
    assert writes >= 5, proxy.log[before:]

    began = operator.crashes
    for n in range(1, writes + 1):
        tag = f"crash-{mode.lower()}-{n}"
        operator.kill_at(len(proxy.log) + n)
        disturbed = life(kube, tag, mode)
        proxy.cut_no_more()
        assert disturbed[0] == undisturbed[0], f"killed after write {n}"
        assert disturbed[1] == undisturbed[1] == []
        assert disturbed[2]["status"]["phase"] == undisturbed[2]["status"]["phase"]
        assert disturbed[2]["status"]["endedBecause"] == undisturbed[2]["status"]["endedBecause"]
    # A life that is cut short of its proof, or with fewer steps because two of them met, does not reach the last writes.
    assert operator.crashes - began >= max(5, writes - 6), proxy.log[before:before + writes]
    operator.process.stop()


def test_what_happened_while_the_operator_was_away_ends_grants(place):
    installation, kube, _ = place
    operator = installation.start_operator()
    kube.create(agents.identity(NAMESPACE, "away"))
    kube.create(agents.deployment(NAMESPACE, "away", "away", "errand-away-fixer"))
    kube.create(agents.grant(NAMESPACE, "away", "Deployment/away", "Slot", agent="away"))
    g = kube.wait_for("TaskGrant", "away", NAMESPACE, in_phase("Active"), 30)
    token = agents.secret_value(kube, NAMESPACE, "errand-away-fixer", "token")
    operator.kill()
    kube.patch("Namespace", NAMESPACE, None, {"metadata": {"labels": {"errand.dev/enforce": "audit"}}})
    operator = installation.start_operator()
    g = kube.wait_for("TaskGrant", "away", NAMESPACE, in_phase("Revoked"), 15)
    assert g["status"]["endedBecause"] == "NamespaceNotEnforced"
    agents.eventually(lambda: not agents.owned(kube, NAMESPACE, g), 10, what="nothing is left of the grant")
    agents.refused_within(kube, token, 12)
    g = kube.wait_for("TaskGrant", "away", NAMESPACE, confirmed, 40)
    assert g["status"]["revocation"]["confirmedBy"] == "TokenReview", "the token was taken from the Secret before it went"
    operator.stop()
    kube.patch("Namespace", NAMESPACE, None, {"metadata": {"labels": {"errand.dev/enforce": "true"}}})
