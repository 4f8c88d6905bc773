"""Who is given what a grant puts into its slot: pods that named its Secret before the rules looked at them are not."""
import uuid

import pytest
from support import agents
from support.agents import condition, in_phase, stalled
from support.kube import eventually

pytestmark = pytest.mark.usefixtures("operator", "webhook")

SLOT = "errand-bot-fixer"


def in_volume(secret: dict) -> dict:
    return {"containers": [{"name": "c", "image": agents.IMAGE, "volumeMounts": [{"name": "slot", "mountPath": "/s"}]}],
            "volumes": [{"name": "slot", **secret}]}


WAYS = {
    "secret": in_volume({"secret": {"secretName": SLOT, "optional": True}}),
    "projected": in_volume({"projected": {"sources": [{"secret": {"name": SLOT, "optional": True}}]}}),
    "variable": {"containers": [{"name": "c", "image": agents.IMAGE, "env": [
        {"name": "T", "valueFrom": {"secretKeyRef": {"name": SLOT, "key": "token", "optional": True}}}]}]},
}


def start(kube, namespace: str) -> None:
    kube.create(agents.deployment(namespace))
    kube.create(agents.grant(namespace, "task", "Deployment/serve", "Slot"))


def starts_without(kube, namespace: str, pod: str, account: str) -> None:
    """The grant waits for the pod to go."""
    kube.wait_for("TaskGrant", "task", namespace, stalled(f"Pod {pod}, which runs as {account}, would be given what is put into "
                                                          f"Secret {SLOT}; delete that pod"))
    assert kube.find("Secret", SLOT, namespace) is None


@pytest.mark.parametrize("way", WAYS)
def test_a_pod_from_before_the_enrolment_keeps_the_slot_empty(kube, installation, way):
    ns = "t-" + uuid.uuid4().hex[:10]
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}})
    eventually(lambda: kube.find("ServiceAccount", "default", ns), what="the default account")
    kube.create({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "before", "namespace": ns},
                 "spec": {"automountServiceAccountToken": False, **WAYS[way]}})
    installation.enroll(ns, roles=("reader",))
    agents.declare(kube, ns)
    start(kube, ns)
    starts_without(kube, ns, "before", "default")
    kube.delete("Pod", "before", ns)
    kube.wait_for("TaskGrant", "task", ns, in_phase("Active"), 40)
    kube.delete("Namespace", ns)


def test_a_pod_of_an_identity_whose_slot_it_was_keeps_it_empty(kube, namespace):
    kube.create(agents.role(namespace))
    first = agents.identity(namespace, "aaa", app="aaa", access={}, slot={"secretName": SLOT})
    kube.create(first)
    kube.wait_for("AgentIdentity", "aaa", namespace, lambda a: condition(a, "Ready").get("status") == "True")
    kube.create(agents.deployment(namespace, "first", "aaa"))
    pod = eventually(lambda: kube.list("Pod", namespace, labels="app=aaa"))[0]["metadata"]["name"]
    kube.patch("AgentIdentity", "aaa", namespace, {"spec": agents.identity(namespace, "aaa", app="aaa", access={}, slot=None)["spec"]})
    eventually(lambda: kube.create(agents.identity(namespace)), what="the slot is free")
    start(kube, namespace)
    starts_without(kube, namespace, pod, "errand-a.aaa.fixer")
    kube.delete("Deployment", "first", namespace)
    kube.wait_for("TaskGrant", "task", namespace, in_phase("Active"), 60)
