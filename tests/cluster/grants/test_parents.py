"""Grants under grants on a real API server: delegation within the parent, step-up by a person, the end of all with one."""
import pytest
from support import agents
from support.agents import in_phase, refusal, stalled
from support.kube import eventually

pytestmark = pytest.mark.usefixtures("operator", "webhook")


@pytest.fixture
def world(kube, namespace):
    agents.declare(kube, namespace, "reader", "writer")
    kube.create(agents.job(namespace, idle=True))
    kube.create(agents.deployment(namespace))
    return namespace


def under(parent: str, relation: str = "Delegation") -> dict:
    return {"parentRef": {"name": parent, "relation": relation}}


def test_what_is_delegated_ends_with_its_parent_and_first(kube, world):
    """A chain a, b, c; in which order the rights go, test_windows shows."""
    kube.create(agents.grant(world, "c", **under("b")))
    kube.create(agents.grant(world, "b", "Deployment/serve", "Slot", **under("a")))
    kube.wait_for("TaskGrant", "b", world, stalled('there is no TaskGrant "a"'))
    kube.create(agents.grant(world, "a"))
    grants = {name: kube.wait_for("TaskGrant", name, world, in_phase("Active")) for name in "abc"}
    token = agents.secret_value(kube, world, "errand-bot-fixer", "token")
    assert grants["b"]["status"]["endsAt"] == min(g["status"]["endsAt"] for g in (grants["a"], grants["b"]))
    assert refusal(lambda: kube.with_token(token).list("ConfigMap", world)) == 200
    kube.patch("TaskGrant", "a", world, {"spec": {"revoke": {"reason": "done"}}})
    for name, because in (("a", "RevokeRequested"), ("b", "ParentEnded"), ("c", "ParentEnded")):
        g = kube.wait_for("TaskGrant", name, world, in_phase("Revoked"))
        assert g["status"]["endedBecause"] == because
        eventually(lambda: not agents.owned(kube, world, g), what=f"nothing of {name} is left")  # noqa: B023
    assert refusal(lambda: kube.with_token(token).list("ConfigMap", world)) in (401, 403)
    agents.refused_within(kube, token, 12)


def test_nothing_is_delegated_that_the_parent_does_not_have(kube, world):
    kube.create(agents.grant(world, "above"))
    kube.create(agents.grant(world, "more", access={"roles": [{"name": "writer"}]}, **under("above")))
    kube.create(agents.grant(world, "longer", duration="11m", **under("above")))
    kube.create(agents.grant(world, "riskier", task={"intent": "x", "risk": "Critical"}, **under("above")))
    kube.wait_for("TaskGrant", "more", world, stalled('"writer" is not in access.roles of grant above'))
    kube.wait_for("TaskGrant", "longer", world, stalled("spec.window.duration: 11m is longer than that of grant above"))
    kube.wait_for("TaskGrant", "riskier", world, stalled("spec.task.risk"))


def test_a_chain_is_four_grants_long_at_most_and_no_circle(kube, world):
    names = ["one", "two", "three", "four", "five"]
    kube.patch("AgentIdentity", "bot", world, {"spec": agents.identity(world, maxActiveGrants=8)["spec"]})
    for above, name in zip([None, *names], names):
        kube.create(agents.grant(world, name, **(under(above) if above else {})))
    kube.wait_for("TaskGrant", "four", world, in_phase("Active"))
    kube.wait_for("TaskGrant", "five", world, stalled("the last of a chain of 4 grants"))
    kube.create(agents.grant(world, "left", **under("right")))
    kube.create(agents.grant(world, "right", **under("left")))
    kube.wait_for("TaskGrant", "left", world, stalled("is itself under this grant"))


def test_a_step_up_awaits_a_person_and_ends_with_its_parent(kube, world):
    kube.create(agents.grant(world, "above"))
    kube.create(agents.grant(world, "more", access={"roles": [{"name": "writer"}]}, **under("above", "StepUp")))
    g = kube.wait_for("TaskGrant", "more", world, in_phase("AwaitingApproval"))
    assert {c["type"]: (c["status"], c["reason"]) for c in g["status"]["conditions"] if c["type"] != "Active"} == {
        "Ready": ("False", "AwaitingApproval"), "Stalled": ("False", "Waiting"), "Approved": ("False", "AwaitingApproval")}
    kube.patch("TaskGrant", "above", world, {"spec": {"revoke": {"reason": "done"}}})
    g = kube.wait_for("TaskGrant", "more", world, in_phase("Revoked"))
    assert g["status"]["endedBecause"] == "ParentEnded"


def test_a_step_up_is_for_its_parents_agent_and_within_the_ceiling_of_its_own_tool_class(kube, world):
    kube.create(agents.identity(world, "other"))
    kube.create(agents.grant(world, "above"))
    kube.create(agents.grant(world, "of-another", agent="other", **under("above", "StepUp")))
    kube.create(agents.grant(world, "beyond", access={"roles": [{"name": "unlisted"}]}, **under("above", "StepUp")))
    kube.wait_for("TaskGrant", "of-another", world, stalled("a StepUp is for the agent of its parent (bot), not for another"))
    kube.wait_for("TaskGrant", "beyond", world, stalled('"unlisted" is not in access.roles of tool class fixer'))


def test_a_parent_that_is_deleted_and_made_again_is_another(kube, world):
    kube.create(agents.grant(world, "above"))
    kube.create(agents.grant(world, "below", **under("above")))
    kube.wait_for("TaskGrant", "below", world, in_phase("Active"))
    kube.delete("TaskGrant", "above", world)
    g = kube.wait_for("TaskGrant", "below", world, in_phase("Revoked"))
    assert g["status"]["endedBecause"] == "ParentEnded"
    kube.wait_gone("TaskGrant", "above", world, 40)
    kube.create(agents.grant(world, "above"))
    kube.wait_for("TaskGrant", "above", world, in_phase("Active"))
    assert kube.get("TaskGrant", "below", world)["status"]["phase"] == "Revoked"
