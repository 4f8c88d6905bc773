"""The rules on a real API server: each case of tests/rules, as its author would apply it."""
import pathlib
import re

import pytest
import yaml
from support import agents
from support.agents import condition
from support.kube import ApiError, eventually
from support.samples import expand
from support.users import passing_hand

CASES = pathlib.Path(__file__).resolve().parents[2] / "rules"
ON_NO_CLUSTER = ("SC304", "SC305")  # reported by the scan alone
CONTEXT = ("AgentIdentity", "TaskGrant")

pytestmark = pytest.mark.usefixtures("operator", "webhook")


def cases(kind: str) -> list:
    return [pytest.param(path, id=f"{path.parts[-3]}-{path.stem}")
            for path in sorted(CASES.glob(f"*/{kind}/*.yaml"))
            if "# Not for a cluster" not in path.read_text() and "kind: Attempt" not in path.read_text()
            and path.parts[-3] not in ON_NO_CLUSTER]


def prepare(kube, namespace: str, path: pathlib.Path) -> dict:
    """Creates what the case needs and returns the object that it is about."""
    documents = list(yaml.safe_load_all(expand(path.read_text())))
    subject = next(d for d in documents if d["kind"] not in CONTEXT)
    kube.create(agents.role(namespace))
    if subject["kind"] == "PersistentVolume":
        pytest.skip("is of the whole cluster: test_policies")
    for document in documents:
        name = document["metadata"]["name"]
        if document["kind"] == "AgentIdentity":
            kube.create(document, namespace)
            kube.wait_for("AgentIdentity", name, namespace, lambda o: condition(o, "Ready").get("status") == "True")
        elif document["kind"] == "TaskGrant":
            kube.create(document, namespace)
            kube.wait_for("TaskGrant", name, namespace, lambda o: o["status"].get("serviceAccount", {}).get("uid"))
    if subject["kind"] != "Pod":
        return subject
    account = subject["spec"].get("serviceAccountName", "default")
    eventually(lambda: kube.find("ServiceAccount", "default", namespace), what="the default account")
    if kube.find("ServiceAccount", account, namespace) is None:
        # The API server's own admission asks for it before any webhook.
        passing_hand(kube).create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account}}, namespace)
    return subject


def admit(kube, namespace: str, pod: dict) -> None:
    """Creates the object, by dry run; or adds its ephemeral containers to a pod."""
    if pod["kind"] != "Pod":
        if kube.find(pod["kind"], pod["metadata"]["name"], namespace) is None:
            kube.create(pod, namespace, dry_run=True)
        return
    spec = dict(pod["spec"])
    added = spec.pop("ephemeralContainers", None)
    plain = {**pod, "spec": spec}
    if not added:
        kube.create(plain, namespace, dry_run=True)
        return
    if kube.find("Pod", pod["metadata"]["name"], namespace) is None:
        kube.create(plain, namespace)
    kube.patch("Pod", pod["metadata"]["name"], namespace, {"spec": {"ephemeralContainers": added}}, "ephemeralcontainers")


@pytest.mark.parametrize("path", cases("allow"))
def test_allows(kube, namespace, path):
    pod = prepare(kube, namespace, path)

    def admitted() -> bool:
        admit(kube, namespace, pod)
        return True

    # The webhook may hear of the case's objects a moment later than we do.
    eventually(admitted, 5, 0.2, "the pod is admitted")


@pytest.mark.parametrize("path", cases("deny"))
def test_refuses_with_the_message(kube, namespace, path):
    pod = prepare(kube, namespace, path)
    expected = path.read_text().splitlines()[0].removeprefix("# ")
    values = [v.rstrip("}],") for v in re.findall(r"value: (\S{20,})", expand(path.read_text()))]

    def refused() -> bool:
        try:
            admit(kube, namespace, pod)
        except ApiError as error:
            assert error.status == 403, error
            if pod["kind"] == "ServiceAccount" and pod["metadata"]["name"].startswith("errand-"):
                # The policy answers before the webhook: nobody writes such an account, whatever is in it.
                assert "[SC404]" in error.message
                return True
            assert expected in error.message
            assert f"[{path.parts[-3]}]" in error.message
            assert not [v for v in values if v in error.message], "the message shows a value"
            return True
        raise AssertionError("admitted")

    eventually(refused, 5, 0.2, "the pod is refused")


def test_says_everything_at_once(kube, namespace):
    eventually(lambda: kube.find("ServiceAccount", "default", namespace), what="the default account")
    container = {"name": "app", "image": "localhost/app:1",
                 "env": [{"name": "STRIPE_KEY", "value": expand("sk_live_<b62*24>")},
                         {"name": "DB", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "subject"},
           "spec": {"automountServiceAccountToken": True, "containers": [container],
                    "volumes": [{"name": "tls", "secret": {"secretName": "tls"}}]}}
    with pytest.raises(ApiError) as refused:
        kube.create(pod, namespace)
    assert [line[:7] for line in re.findall(r"\[SC\d+\][^\n]*", refused.value.message)] == ["[SC101]", "[SC106]", "[SC107]", "[SC108]"]
    assert kube.find("Pod", "subject", namespace) is None


def test_leaves_a_namespace_that_is_not_enrolled_alone(kube, installation):
    del installation
    name = "free"
    kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    eventually(lambda: kube.find("ServiceAccount", "default", name), what="the default account")
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "subject"},
           "spec": {"automountServiceAccountToken": True, "containers": [{"name": "app", "image": "localhost/app:1"}]}}
    assert kube.create(pod, name, dry_run=True)["spec"]["volumes"][0]["name"].startswith("kube-api-access-")
