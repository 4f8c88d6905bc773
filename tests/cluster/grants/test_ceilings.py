"""What an AgentIdentity bounds beside the rights, on a real API server: pods, risk and time."""
import pytest
from support import agents
from support.agents import ACCESS, condition, in_phase, stalled
from support.kube import eventually

pytestmark = pytest.mark.usefixtures("operator", "webhook")


def select(kube, ns: str, app: str) -> None:
    kube.patch("AgentIdentity", "bot", ns, {"spec": {"podSelector": {"matchLabels": {"app": app}}}})


@pytest.mark.parametrize("mode", ["Projected", "Slot"])
def test_a_grant_lasts_while_the_identity_selects_its_workloads_pods(kube, world, mode):
    kube.create(agents.job(world, idle=True, slot="errand-bot-fixer" if mode == "Slot" else None))
    select(kube, world, "other")
    kube.create(agents.grant(world, "task", mode=mode))
    g = kube.wait_for("TaskGrant", "task", world, stalled("spec.podSelector of AgentIdentity bot does not match the labels of Job fix"))
    assert condition(g, "Ready")["reason"] == "BeyondCeiling"
    assert not kube.find("Secret", "errand-bot-fixer", world)
    select(kube, world, "bot")
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    select(kube, world, "other")
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Revoked"))
    assert g["status"]["endedBecause"] == "CeilingLowered"
    assert "spec.podSelector" in condition(g, "Ready")["message"]
    eventually(lambda: not agents.owned(kube, world, g), what="nothing of the grant is left")


def test_a_task_counts_at_least_as_its_tool_class_says(kube, world):
    kube.create(agents.job(world, idle=True))
    low = {"intent": "test", "risk": "Low"}
    kube.create(agents.grant(world, "unsaid", task=low))
    g = kube.wait_for("TaskGrant", "unsaid", world, in_phase("Active"))
    assert g["status"]["effectiveRisk"] == "High", "by default as its tool class"
    kube.apply(agents.identity(world, minimumRisk="Medium"))
    kube.create(agents.grant(world, "low", task=low))
    assert kube.wait_for("TaskGrant", "low", world, in_phase("Active"))["status"]["effectiveRisk"] == "Medium"
    kube.create(agents.grant(world, "critical", task=low | {"risk": "Critical"}))
    g = kube.wait_for("TaskGrant", "critical", world, stalled("spec.task.risk: Critical is above what tool class fixer may take (High)"))
    assert g["status"]["effectiveRisk"] == "Critical"


def test_a_window_is_no_longer_than_the_tool_class_allows(kube, world):
    kube.create(agents.job(world, idle=True))
    kube.create(agents.grant(world, "long", duration="2h"))
    kube.wait_for("TaskGrant", "long", world, stalled("spec.window.duration: 2h is longer than maxDuration of tool class fixer (1h)"))
    kube.create(agents.grant(world, "task", duration="10m"))
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    kube.apply(agents.identity(world, maxDuration="5m"))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Revoked"))
    assert g["status"]["endedBecause"] == "CeilingLowered"
    assert "spec.window.duration: 10m is longer than maxDuration" in condition(g, "Ready")["message"]


LOWERED = {  # what becomes of the tool class, why the grant ends, and what is said of it
    "renamed": ({"name": "other", "slot": None}, "ToolClassNotFound", 'AgentIdentity bot has no tool class "fixer" (it has: other)'),
    "another-slot": ({"slot": {"secretName": "errand-another"}}, "CeilingLowered",
                     "the slot of tool class fixer is no longer errand-bot-fixer"),
    "no-slot": ({"slot": None}, "CeilingLowered", "tool class fixer of AgentIdentity bot has no slot"),
    "no-audience": ({"access": {"roles": ACCESS["roles"]}}, "CeilingLowered",
                    'spec.access.audiences[0]: "https://mcp.example.com" is not in access.audiences'),
}


@pytest.mark.parametrize("how", LOWERED)
def test_a_tool_class_that_no_longer_covers_a_slots_grant_ends_it(kube, world, how):
    tool_class, because, said = LOWERED[how]
    kube.create(agents.job(world, idle=True, slot="errand-bot-fixer"))
    kube.create(agents.grant(world, "task", mode="Slot", access=ACCESS))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    assert f"Secret/{g['status']['secretName']}" in agents.owned(kube, world, g)
    spec = agents.identity(world)["spec"]
    spec["toolClasses"][0].update(tool_class)
    kube.patch("AgentIdentity", "bot", world, {"spec": spec})
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Revoked"))
    assert g["status"]["endedBecause"] == because and said in condition(g, "Ready")["message"]
    eventually(lambda: not agents.owned(kube, world, g), what="nothing of the grant is left")
    assert not kube.find("Secret", "errand-bot-fixer", world)


def test_a_slot_serves_a_pod_of_nobody(kube, cluster, world):
    made = agents.deployment(world)["spec"]["template"]
    made["spec"]["restartPolicy"] = "Never"
    kube.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "agent", "namespace": world, "labels": made["metadata"]["labels"]},
                 "spec": made["spec"]})
    pod = kube.wait_for("Pod", "agent", world, lambda p: p["status"]["phase"] == "Running", 30)
    assert not (cluster.volume(pod, "slot", "secret") / "token").exists()
    kube.create(agents.grant(world, "task", "Pod/agent", "Slot"))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    token = agents.secret_value(kube, world, "errand-bot-fixer", "token")
    assert agents.claims(token)["sub"].endswith(agents.account_of(g))
    assert cluster.read(pod, "slot", "token", "secret", timeout=60) == token
    kube.delete("Pod", "agent", world)
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Failed", "Completed", "Revoked"), 60)
    assert (g["status"]["phase"], g["status"]["endedBecause"]) == ("Failed", "WorkloadDeleted")
    agents.refused_within(kube, token, 13)
