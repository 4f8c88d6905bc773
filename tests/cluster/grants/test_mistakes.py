"""The usual mistakes of a first hour: each is named before the window begins, and has one outcome in whatever order the
files are applied."""
import json

import pytest
from support import agents
from support.agents import condition, in_phase
from support.kube import eventually

pytestmark = pytest.mark.usefixtures("operator", "webhook")


def stalls(kube, ns: str, reason: str, *parts: str) -> None:
    g = kube.wait_for("TaskGrant", "task", ns, lambda t: condition(t, "Stalled").get("reason") == reason)
    assert "startedAt" not in g["status"] and not g["status"].get("endedBecause")
    for part in parts:
        assert part in condition(g, "Ready")["message"]


def in_order(order: str, *steps) -> None:
    for step in steps if order == "forwards" else reversed(steps):
        step()


@pytest.mark.parametrize("order", ["forwards", "backwards"])
def test_a_workload_without_the_label_keeps_its_grants_window(kube, world, order):
    in_order(order, lambda: kube.create(agents.job(world, grant_name="", idle=True)), lambda: kube.create(agents.grant(world, "task")))
    stalls(kube, world, "WorkloadNotLabelled", "spec.workload: the pods of Job fix get no credentials", "errand.dev/task-grant: task")
    kube.delete("Job", "fix", world)
    kube.wait_gone("Job", "fix", world)
    kube.create(agents.job(world, idle=True))
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))


@pytest.mark.parametrize("order", ["forwards", "backwards"])
def test_a_deployment_without_the_slot_keeps_its_grants_window(kube, world, order):
    bare = agents.deployment(world)
    del bare["spec"]["template"]["spec"]["volumes"], bare["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
    in_order(order, lambda: kube.create(bare), lambda: kube.create(agents.grant(world, "task", "Deployment/serve", "Slot")))
    stalls(kube, world, "SlotNotMounted", "do not mount the Secret errand-bot-fixer")
    kube.apply(agents.deployment(world))
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))


@pytest.mark.parametrize("order", ["forwards", "backwards"])
def test_a_job_whose_labels_do_not_match_stalls_its_grant_until_it_is_mended(kube, world, order):
    """Also where the grant was accepted before the Job came."""
    def grant() -> None:
        kube.create(agents.grant(world, "task"))
        if order == "backwards":
            kube.wait_for("TaskGrant", "task", world, lambda t: t.get("status", {}).get("serviceAccount", {}).get("uid"))
    in_order(order, lambda: kube.create(agents.job(world, app="other", idle=True)), grant)
    stalls(kube, world, "BeyondCeiling", "spec.podSelector of AgentIdentity bot does not match the labels of Job fix")
    kube.delete("Job", "fix", world)
    kube.wait_gone("Job", "fix", world)
    kube.create(agents.job(world, idle=True))
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))


def warned(kube, body: dict) -> str:
    """What kubectl prints beside the object that it has created."""
    return kube.kubectl("create", "-f", "-", stdin=json.dumps(body)).stderr


def test_kubectl_apply_warns_of_what_would_keep_a_grant_waiting(kube, world):
    assert not warned(kube, agents.grant(world, "good"))
    kube.create(agents.role(world, "unlisted"))
    wide = agents.identity(world, "wide", access={"roles": [{"name": "unlisted"}]}, slot=None)
    kube.create(wide)
    bad = {
        "class": (agents.grant(world, "class", toolClass="absent"), "spec.toolClass: AgentIdentity bot has no tool class"),
        "identity": (agents.grant(world, "identity", agent="absent"), 'there is no AgentIdentity "absent"'),
        "long": (agents.grant(world, "long", duration="20h"), "spec.window.duration: 20h is longer than maxDuration"),
        "role": (agents.grant(world, "role", agent="wide", access={"roles": [{"name": "unlisted"}]}),
                 f"kubectl errand enroll {world} --bind unlisted --apply"),
    }
    for name, (body, part) in bad.items():
        assert part in warned(kube, body), name
        assert kube.find("TaskGrant", name, world), "it is admitted"


def test_kubectl_apply_warns_of_pods_that_get_no_credentials(kube, world):
    kube.create(agents.grant(world, "task"))
    kube.wait_for("TaskGrant", "task", world, lambda t: t.get("status", {}).get("phase"))
    assert "get no credentials without the label errand.dev/task-grant: task" in warned(kube, agents.job(world, grant_name="", idle=True))
    assert 'is for Job "fix", so the pods of this Job will be rejected' in warned(kube, agents.job(world, "other", "task", idle=True))


def test_a_label_in_a_namespace_that_is_not_enrolled_warns(kube, world):
    ns = f"{world}-not-enrolled"
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}})
    eventually(lambda: kube.find("ServiceAccount", "default", ns))
    for body in (agents.job(ns, "later", "task", idle=True), agents.job(ns, "later", "task")["spec"]["template"]
                 | {"apiVersion": "v1", "kind": "Pod"}):
        body["metadata"] |= {"name": "later", "namespace": ns}
        assert f"namespace {ns} is not enrolled" in warned(kube, body), body["kind"]
    assert not warned(kube, agents.job(ns, "plain", "", idle=True))
