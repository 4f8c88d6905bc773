"""What holds while the operator is away, and what an operator finds that comes back: kill switches, an upgrade, a restore."""
import re

import pytest
from support import agents
from support.agents import condition, in_phase
from support.kube import ApiError, eventually
from support.processes import Installation
from support.users import kubelets_token, operators_hand, passing_hand


@pytest.fixture(scope="module", name="own")
def fixture_own():
    """A cluster of this module's own: its operators come and go."""
    with Installation.of_its_own() as installed:
        yield installed


@pytest.fixture(name="world")
def fixture_world(own, request):
    """An enrolled namespace with an agent, whose base accounts an operator has made."""
    name = "away-" + re.sub(r"[^a-z]", "", request.node.name)[-40:]
    own.enroll(name, roles=("reader",))
    own.kube.create(agents.role(name))
    own.kube.create(agents.identity(name))
    return name


@pytest.fixture(name="active")
def fixture_active(own, world):
    """A grant whose Job's pod runs; the operator that started it has ended since."""
    kube = own.kube
    operator = own.start_operator()
    kube.create(agents.grant(world, "task"))
    kube.wait_for("TaskGrant", "task", world, lambda g: g.get("status", {}).get("serviceAccount", {}).get("uid"))
    kube.create(agents.job(world, grant_name="task"))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    pod = agents.running_pod(kube, world)
    operator.stop()
    return g, pod


SWITCHES = {
    "IdentitySuspended": ("AgentIdentity", "bot", {"spec": {"state": "Suspended"}}),
    "IdentityExpired": ("AgentIdentity", "bot", {"spec": {"expiresAt": "2026-01-01T00:00:00Z"}}),
    "CeilingLowered": ("AgentIdentity", "bot", {"spec": {"toolClasses": agents.identity("", access={"roles": [{"name": "writer"}]})[
        "spec"]["toolClasses"]}}),
    "NamespaceNotEnforced": ("Namespace", None, {"metadata": {"labels": {"errand.dev/enforce": None},
                                                              "annotations": {"errand.dev/enforced-since": None}}}),
    "NamespaceSuspended": ("Namespace", None, {"metadata": {"labels": {"errand.dev/suspended": "true"}}}),
}


@pytest.mark.parametrize("because", SWITCHES)
def test_a_switch_stops_the_renewal_of_tokens_while_the_operator_is_away(own, world, active, because):
    """As the agent's pod, whose kubelet asks for its next token."""
    kube = own.kube
    g, pod = active
    account = agents.account_of(g)
    assert kubelets_token(kube, account, world, pod=pod)
    kind, name, change = SWITCHES[because]
    kube.patch(kind, name or world, None if name is None else world, change)

    def refused() -> bool:
        with pytest.raises(ApiError, match=because):
            kubelets_token(kube, account, world, pod=pod)
        return True

    eventually(refused, 10, 0.2, "no more tokens")
    assert kube.get("TaskGrant", "task", world)["status"]["phase"] == "Active", "nobody was there to end it"


def test_a_suspended_namespace_stops_an_agents_writes_while_both_processes_are_away(own, world, active):
    """The right to read goes on until the token ends, in 600 s at most."""
    kube = own.kube
    g, pod = active
    kube.patch("Role", "reader", world, {"rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "create"]}]})
    agent = kube.with_token(kubelets_token(kube, agents.account_of(g), world, pod=pod))
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "by-agent-"}}
    eventually(lambda: agent.create(config, world), what="the agent may write")
    kube.patch("Namespace", world, None, {"metadata": {"labels": {"errand.dev/suspended": "true"}}})

    def refused() -> bool:
        with pytest.raises(ApiError, match="errand.dev/suspended"):
            agent.create(config, world)
        return True

    with own.unguarded(world):
        eventually(refused, 10, 0.2, "the policy knows the label")
        assert agent.list("ConfigMap", world)


def test_an_upgrade_from_a_version_without_these_records_ends_nothing(own, world, active):
    """The status of a running grant named no uids, and the namespace had no record of its enforcement."""
    kube = own.kube
    g, _ = active
    hand = operators_hand(kube)
    hand.patch("TaskGrant", "task", world, [{"op": "remove", "path": f"/status/{field}"} for field in (
        "serviceAccount", "agentIdentity", "enforcedSince")], "status")
    hand.patch("AgentIdentity", "bot", world, [{"op": "remove", "path": "/status/serviceAccounts/0/uid"}], "status")
    hand.patch("Namespace", world, None, {"metadata": {"annotations": {"errand.dev/enforced-since": None}}})
    operator = own.start_operator()
    try:
        g = kube.wait_for("TaskGrant", "task", world, lambda t: t["status"].get("enforcedSince"), 30)
        assert g["status"]["phase"] == "Active"
        assert g["status"]["serviceAccount"]["uid"] == kube.get("ServiceAccount", agents.account_of(g), world)["metadata"]["uid"]
        kube.wait_for("AgentIdentity", "bot", world, lambda a: condition(a, "Ready").get("status") == "True"
                      and a["status"]["serviceAccounts"][0].get("uid"), 30)
        assert kube.get("TaskGrant", "task", world)["status"]["phase"] == "Active"
    finally:
        operator.stop()


def test_a_parent_of_that_name_made_later_passes_nothing_on(own, world):
    """By its uid: the child ends with the grant under which it was accepted, though another has its name."""
    kube = own.kube
    operator = own.start_operator()
    kube.create(agents.job(world, idle=True))
    kube.create(agents.grant(world, "above"))
    kube.wait_for("TaskGrant", "above", world, in_phase("Active"))
    kube.create(agents.grant(world, "below", duration="5m", parentRef={"name": "above", "relation": "Delegation"}))
    g = kube.wait_for("TaskGrant", "below", world, in_phase("Active"))
    assert g["status"]["parent"]["uid"] == kube.get("TaskGrant", "above", world)["metadata"]["uid"]
    operator.stop()
    passing_hand(kube).patch("TaskGrant", "above", world, {"metadata": {"finalizers": None}})
    kube.delete("TaskGrant", "above", world, propagation="Orphan")
    kube.wait_gone("TaskGrant", "above", world)
    kube.create(agents.grant(world, "above"))
    operator = own.start_operator()
    try:
        g = kube.wait_for("TaskGrant", "below", world, in_phase("Revoked"), 20)
        assert g["status"]["endedBecause"] == "ParentEnded"
    finally:
        operator.stop()


def test_a_result_that_nobody_saw_is_said_to_be_unknown(own, world):
    kube = own.kube
    operator = own.start_operator()
    kube.create(agents.grant(world, "quick", workload="Job/quick"))
    kube.create(agents.job(world, "quick", "quick", ends="4s", ttlSecondsAfterFinished=0))
    kube.wait_for("TaskGrant", "quick", world, in_phase("Active"))
    eventually(lambda: not kube.list("Pod", world)[0]["spec"].get("schedulingGates"), 20, what="the gate is lifted")
    operator.stop()
    kube.wait_gone("Job", "quick", world, 60)
    operator = own.start_operator()
    try:
        g = kube.wait_for("TaskGrant", "quick", world, in_phase("Failed"), 30)
        assert g["status"]["endedBecause"] == "WorkloadDeleted"
        assert "result, which is not known" in condition(g, "Ready")["message"]
    finally:
        operator.stop()
