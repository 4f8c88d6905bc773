"""The kill switches on a real API server: what waits and what is Active ends alike, and says which switch it was."""
import pytest
from support import agents
from support.agents import condition, confirmed, in_phase, in_seconds, moment
from support.enrolment import set_mode
from support.kube import eventually
from support.users import passing_hand

pytestmark = pytest.mark.usefixtures("operator", "webhook")


def _narrower(kube, ns: str) -> None:
    kube.patch("AgentIdentity", "bot", ns, {"spec": agents.identity(ns, access={"roles": [{"name": "writer"}]})["spec"]})


def _undo(kube, ns: str) -> None:
    """Makes everything so that each of the grants might start."""
    kube.patch("Namespace", ns, None, {"metadata": {"labels": {"errand.dev/suspended": None}}})
    set_mode(kube, ns, "true")
    if kube.find("AgentIdentity", "bot", ns):
        kube.patch("AgentIdentity", "bot", ns, {"spec": agents.identity(ns)["spec"] | {"state": "Enabled", "expiresAt": None}})
    else:
        kube.create(agents.identity(ns))
    kube.create(agents.job(ns, "absent", idle=True))
    kube.wait_for("AgentIdentity", "bot", ns, lambda a: a["status"]["observedGeneration"] == a["metadata"]["generation"])


SWITCHES = {
    "IdentitySuspended": lambda kube, ns: kube.patch("AgentIdentity", "bot", ns, {"spec": {"state": "Suspended"}}),
    "IdentityExpired": lambda kube, ns: kube.patch("AgentIdentity", "bot", ns, {"spec": {"expiresAt": "2026-01-01T00:00:00Z"}}),
    "IdentityDeleted": lambda kube, ns: kube.delete("AgentIdentity", "bot", ns),
    "CeilingLowered": _narrower,
    "NamespaceSuspended": lambda kube, ns: kube.patch("Namespace", ns, None, {"metadata": {"labels": {"errand.dev/suspended": "true"}}}),
    "NamespaceNotEnforced": lambda kube, ns: set_mode(kube, ns, "audit"),
}


@pytest.mark.parametrize("because", SWITCHES)
def test_a_switch_ends_what_waits_and_what_is_active(kube, namespace, because):
    kube.create(agents.role(namespace))
    kube.create(agents.identity(namespace))
    kube.create(agents.job(namespace, idle=True))
    kube.create(agents.grant(namespace, "active"))
    kube.create(agents.grant(namespace, "waiting", "Job/absent"))
    kube.create(agents.grant(namespace, "scheduled", window={"duration": "10m", "notBefore": agents.in_seconds(3600)}))
    active = kube.wait_for("TaskGrant", "active", namespace, in_phase("Active"))
    kube.wait_for("TaskGrant", "waiting", namespace, lambda g: condition(g, "Ready").get("reason") == "WaitingForWorkload")
    g = kube.wait_for("TaskGrant", "scheduled", namespace, in_phase("Scheduled"))
    assert condition(g, "Stalled")["status"] == "False"
    SWITCHES[because](kube, namespace)
    for name in ("active", "waiting", "scheduled"):
        g = kube.wait_for("TaskGrant", name, namespace, in_phase("Revoked"))
        assert g["status"]["endedBecause"] == because, name
        assert condition(g, "Ready")["status"] == "True"
        eventually(lambda: not agents.owned(kube, namespace, g), what="nothing of the grant is left")
        assert confirmed(g) or ("requestedAt" in g["status"].get("revocation", {})) == (name == "active")
    assert kube.get("TaskGrant", "active", namespace)["metadata"]["uid"] == active["metadata"]["uid"]
    _undo(kube, namespace)
    for name in ("active", "waiting", "scheduled"):
        agents.assert_end_stays(kube, namespace, name)


def _unlabel(kube, ns: str, _) -> None:
    kube.patch("Secret", "ticketing", ns, {"metadata": {"labels": {"errand.dev/leasable": None}}})


def _take_account(kube, ns: str, g: dict) -> None:
    passing_hand(kube).delete("ServiceAccount", agents.account_of(g), ns)


def _make_again(kube, ns: str, _) -> None:
    kube.delete("Job", "again", ns, propagation="Background")
    kube.wait_gone("Job", "again", ns)
    kube.create(agents.job(ns, "again", idle=True))


def _delete_set(kube, ns: str, _) -> None:
    kube.delete("StatefulSet", "set", ns)


LOSSES = {  # of a grant's name, its end
    "lease": (_unlabel, "Revoked", "LeaseWithdrawn"), "account": (_take_account, "Revoked", "CredentialsLost"),
    "job": (_make_again, "Failed", "WorkloadDeleted"), "set": (_delete_set, "Failed", "WorkloadDeleted")}


def test_what_an_active_grant_stands_on_ends_it(kube, namespace):
    ns = namespace
    kube.create(agents.role(ns))
    kube.create(agents.identity(ns))
    kube.create(agents.leasable(ns))
    kube.create(agents.with_slot(ns, "StatefulSet", "set"))
    for name in ("fix", "again"):
        kube.create(agents.job(ns, name, idle=True))
    kube.create(agents.grant(ns, "lease", access={"secrets": [{"name": "ticketing"}]}))
    kube.create(agents.grant(ns, "account"))
    kube.create(agents.grant(ns, "job", "Job/again"))
    kube.create(agents.grant(ns, "set", "StatefulSet/set", "Slot"))
    grants = {name: kube.wait_for("TaskGrant", name, ns, in_phase("Active")) for name in LOSSES}
    for name, (lose, phase, because) in LOSSES.items():
        lose(kube, ns, grants[name])
        g = kube.wait_for("TaskGrant", name, ns, in_phase("Revoked", "Failed"))
        assert (g["status"]["phase"], g["status"]["endedBecause"]) == (phase, because)
        eventually(lambda: not agents.owned(kube, ns, g), what=f"nothing of {name} is left")  # noqa: B023


def test_what_is_bounded_by_the_clock_ends_by_itself(kube, namespace):
    """Nothing changes that could wake anybody: the agent's own end, and the moment until which a grant may wait."""
    kube.create(agents.role(namespace))
    kube.create(agents.job(namespace, idle=True))
    until = in_seconds(6)
    brief = agents.identity(namespace, "brief")
    brief["spec"]["expiresAt"] = until
    kube.create(brief)
    kube.create(agents.identity(namespace))
    kube.create(agents.grant(namespace, "active", agent="brief"))
    kube.create(agents.grant(namespace, "waiting", "Job/absent", window={"duration": "10m", "notAfter": until}))
    kube.wait_for("TaskGrant", "active", namespace, in_phase("Active"), 5)
    ended = kube.wait_for("TaskGrant", "active", namespace, in_phase("Revoked"), 12)
    never = kube.wait_for("TaskGrant", "waiting", namespace, in_phase("Expired"), 5)
    assert ended["status"]["endedBecause"] == "IdentityExpired" and never["status"]["endedBecause"] == "NotStartedInTime"
    for g in (ended, never):
        assert 0 <= moment(g["status"]["endedAt"]) - moment(until) < 3
        eventually(lambda: not agents.owned(kube, namespace, g), what="nothing of it is left")  # noqa: B023
    assert "startedAt" not in never["status"]
