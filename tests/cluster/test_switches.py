"""The kill switches on a real API server: what waits and what is Active ends alike, and says which switch it was."""
import pytest

import agents
from agents import condition, confirmed, in_phase
from kube import eventually

pytestmark = pytest.mark.usefixtures("operator", "webhook")


def _narrower(kube, ns: str) -> None:
    kube.patch("AgentIdentity", "bot", ns, {"spec": agents.identity(ns, access={"roles": [{"name": "writer"}]})["spec"]})


SWITCHES = {
    "IdentitySuspended": lambda kube, ns: kube.patch("AgentIdentity", "bot", ns, {"spec": {"state": "Suspended"}}),
    "IdentityExpired": lambda kube, ns: kube.patch("AgentIdentity", "bot", ns, {"spec": {"expiresAt": "2026-01-01T00:00:00Z"}}),
    "IdentityDeleted": lambda kube, ns: kube.delete("AgentIdentity", "bot", ns),
    "CeilingLowered": _narrower,
    "NamespaceSuspended": lambda kube, ns: kube.patch("Namespace", ns, None, {"metadata": {"labels": {"errand.dev/suspended": "true"}}}),
    "NamespaceNotEnforced": lambda kube, ns: kube.patch("Namespace", ns, None, {"metadata": {"labels": {"errand.dev/enforce": "audit"}}}),
}


@pytest.mark.parametrize("because", SWITCHES)
def test_a_switch_ends_what_waits_and_what_is_active(kube, namespace, because):
    kube.create(agents.role(namespace))
    kube.create(agents.identity(namespace))
    kube.create(agents.job(namespace, suspend=True))
    kube.create(agents.grant(namespace, "active"))
    kube.create(agents.grant(namespace, "waiting", "Job/absent"))
    kube.create(agents.grant(namespace, "scheduled", window={"duration": "10m", "notBefore": "2099-01-01T00:00:00Z"}))
    active = kube.wait_for("TaskGrant", "active", namespace, in_phase("Active"))
    kube.wait_for("TaskGrant", "waiting", namespace, lambda g: condition(g, "Ready").get("reason") == "WaitingForWorkload")
    kube.wait_for("TaskGrant", "scheduled", namespace, in_phase("Scheduled"))
    SWITCHES[because](kube, namespace)
    for name in ("active", "waiting", "scheduled"):
        g = kube.wait_for("TaskGrant", name, namespace, in_phase("Revoked"))
        assert g["status"]["endedBecause"] == because, name
        assert condition(g, "Ready")["status"] == "True"
        eventually(lambda: not agents.owned(kube, namespace, g), what="nothing of the grant is left")
        assert confirmed(g) or ("requestedAt" in g["status"].get("revocation", {})) == (name == "active")
    assert kube.get("TaskGrant", "active", namespace)["metadata"]["uid"] == active["metadata"]["uid"]
