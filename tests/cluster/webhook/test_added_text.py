"""What is written into an agent's pod after its creation: a key is refused by whatever path it comes, and whoever only
takes away, or changes something else, is not kept from it by a key that stood there before."""
import contextlib

import pytest
from support import agents
from support.agents import in_phase
from support.enrolment import set_mode
from support.kinds import collection
from support.kube import MERGE, ApiError, eventually
from support.samples import expand
from support.users import rule, user

pytestmark = pytest.mark.usefixtures("operator", "webhook")

KEY = expand("AKIA<b32*16>")
STRATEGIC, APPLY = "application/strategic-merge-patch+json", "application/apply-patch+yaml"


@pytest.fixture(name="pod")
def fixture_pod(kube, namespace):
    """Of a Job with an active grant: its gate is lifted, and no kubelet runs it."""
    agents.declare(kube, namespace)
    kube.create(agents.grant(namespace, "task"))
    kube.create(agents.job(namespace, grant_name="task"))
    kube.wait_for("TaskGrant", "task", namespace, in_phase("Active"))
    found = eventually(lambda: kube.list("Pod", namespace, labels="job-name=fix"), 60, what="the Job has a pod")[0]
    return found["metadata"]["name"]


def written(field: str, value: str = KEY) -> dict:
    return {"metadata": {field: {"example.com/note": value}}}


def attempts(namespace: str, pod: str) -> dict:
    """Each way to write an annotation or a label: (method, path, body, media type)."""
    at = collection("Pod", namespace, pod)
    whole = {"apiVersion": "v1", "kind": "Pod"}
    out = {}
    for field in ("annotations", "labels"):
        out |= {f"{field} by merge": ("PATCH", at, written(field), MERGE),
                f"{field} by strategic merge": ("PATCH", at, written(field), STRATEGIC),
                f"{field} by server-side apply": ("PATCH", at + "?fieldManager=m", {**whole, **written(field)}, APPLY),
                f"{field} by status": ("PATCH", at + "/status", written(field), MERGE),
                f"{field} by JSON patch": ("PATCH", at, [{"op": "add", "path": f"/metadata/{field}", "value": {"a": KEY}}],
                                           "application/json-patch+json"),
                f"a name of {field}": ("PATCH", at, {"metadata": {field: {KEY: ""}}}, MERGE)}
    binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": pod, **written("annotations")["metadata"]},
               "target": {"kind": "Node", "name": "n"}}
    out["a binding's label"] = ("POST", at + "/binding", {**binding, "metadata": {"name": pod, **written("labels")["metadata"]}},
                                "application/json")
    out["a binding"] = ("POST", at + "/binding", binding, "application/json")
    out["a binding of the older kind"] = ("POST", collection("Pod", namespace).removesuffix("pods") + "bindings", binding, "application/json")
    out["a toleration"] = ("PATCH", at, {"spec": {"tolerations": [{"key": "k", "operator": "Equal", "value": KEY, "effect": "NoSchedule"}]}},
                           STRATEGIC)
    return out


def test_no_key_comes_into_an_agents_pod(kube, namespace, pod):
    hostile = user(kube, namespace, "hostile", rule("", "pods pods/status pods/binding bindings", "get patch update create"))
    for way, (method, path, body, media) in attempts(namespace, pod).items():
        path, _, query = path.partition("?")
        status, answer = hostile.raw(method, path, body, media, **dict([query.split("=")] if query else []))
        assert status == 403 and "[SC108]" in answer["message"], (way, status, answer)
        assert KEY not in answer["message"], way
    assert KEY not in str(kube.get("Pod", pod, namespace))


def test_by_neither_resize_nor_eviction(kube, namespace, pod):
    """The API server takes no metadata by either."""
    for subresource, method, media in (("resize", "PATCH", MERGE), ("ephemeralcontainers", "PATCH", MERGE), ("eviction", "POST", "application/json")):
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "annotations": {"a": KEY}}} \
            if method == "POST" else written("annotations")
        kube.raw(method, collection("Pod", namespace, pod, subresource), body, media)
        with contextlib.suppress(ApiError):
            assert KEY not in str(kube.get("Pod", pod, namespace)), subresource


def test_what_stood_there_before_keeps_nobody_from_anything(kube, namespace):
    """It was written while the namespace took no part."""
    agents.declare(kube, namespace)
    kube.create(agents.deployment(namespace))
    pod = eventually(lambda: kube.list("Pod", namespace, labels="app=bot"), 60, what="the agent has a pod")[0]["metadata"]["name"]
    set_mode(kube, namespace, None)

    def takes_it() -> bool:
        try:
            kube.patch("Pod", pod, namespace, {"metadata": {"annotations": {"old": KEY, "other": "a"}, "labels": {"old": KEY},
                                                            "finalizers": ["example.com/" + KEY]}})
            return True
        except ApiError:
            return False
    eventually(takes_it, 10, 0.2, "the namespace takes no part")
    set_mode(kube, namespace, "true")

    def refuses_it() -> bool:
        try:
            kube.raw("PATCH", collection("Pod", namespace, pod), {}, MERGE)
            kube.patch("Pod", pod, namespace, written("annotations"))
        except ApiError as error:
            return "[SC108]" in error.message
        kube.patch("Pod", pod, namespace, written("annotations", None))
        return False
    eventually(refuses_it, 10, 0.2, "the namespace takes part")
    kube.patch("Pod", pod, namespace, {"metadata": {"labels": {"app.kubernetes.io/more": "x"}, "annotations": {"other": "b"}}})
    kube.patch("Pod", pod, namespace, {"status": {"conditions": [{"type": "Example", "status": "True"}]}}, "status")
    kube.patch("Pod", pod, namespace, {"metadata": {"annotations": {"other": None}}})
    kube.patch("Pod", pod, namespace, {"metadata": {"finalizers": None}})
    kube.patch("Pod", pod, namespace, {"metadata": {"annotations": {"old": None}, "labels": {"old": None}}})
