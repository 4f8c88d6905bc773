"""What holds in the modes warn and audit: what the rules find is admitted, and the guards of our own objects refuse."""
import json

import pytest
from support import agents
from support.agents import in_phase
from support.enrolment import set_mode
from support.kube import ApiError, eventually
from support.samples import expand
from support.users import kubelets_token, operators_hand

pytestmark = pytest.mark.usefixtures("operator", "webhook")

GATE = [{"op": "remove", "path": "/spec/schedulingGates"}]
ACCOUNT = "errand-g.0123456789abcdef0123"


@pytest.fixture(name="gated")
def fixture_gated(kube, namespace):
    """A pod at the gate of a grant that starts in an hour."""
    agents.declare(kube, namespace)
    kube.create(agents.grant(namespace, "task", window={"duration": "10m", "notBefore": agents.in_seconds(3600)}))
    kube.create(agents.job(namespace, grant_name="task"))
    return eventually(lambda: kube.list("Pod", namespace, labels="job-name=fix"), 60, what="the Job has a pod")[0]


def pod_with_a_key(namespace: str, name: str) -> dict:
    container = {"name": "c", "image": agents.IMAGE, "env": [{"name": "A", "value": expand("AKIA<b32*16>")}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace},
            "spec": {"automountServiceAccountToken": False, "containers": [container]}}


def weaken(kube, namespace: str, mode: str) -> None:
    """Returns once the webhook knows: it refuses what it finds until then."""
    set_mode(kube, namespace, mode)
    eventually(lambda: kube.create(pod_with_a_key(namespace, "probe"), dry_run=True), what=f"the webhook knows of {mode}")


def refused(call, *words: str) -> None:
    with pytest.raises(ApiError) as error:
        call()
    assert error.value.status == 403, error.value
    for word in words:
        assert word in error.value.message


@pytest.mark.parametrize("mode", ["warn", "audit"])
def test_the_guards_refuse(kube, namespace, gated, mode):
    weaken(kube, namespace, mode)
    kube.wait_for("TaskGrant", "task", namespace, in_phase("Revoked"))
    name = gated["metadata"]["name"]
    refused(lambda: kube.patch("Pod", name, namespace, GATE), "errand.dev/grant is taken away by the operator alone")
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "errand-bot-fixer", "namespace": namespace}}
    refused(lambda: kube.create(secret), "[SC404]")
    for kind, of in (("TaskGrant", "task"), ("AgentIdentity", "bot")):
        refused(lambda k=kind, o=of: kube.patch(k, o, namespace, {"status": {"observedGeneration": 9}}, "status"), "[SC405]")
    operators_hand(kube).create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": ACCOUNT, "namespace": namespace}})
    refused(lambda: kube.token_request(ACCOUNT, namespace), "[SC501]")
    refused(lambda: kubelets_token(kube, ACCOUNT, namespace, pod=gated), "it belongs to no TaskGrant")


@pytest.mark.parametrize("mode", ["warn", "audit"])
def test_what_the_rules_find_is_admitted_and_told_in_warn(kube, namespace, mode):
    refused(lambda: kube.create(pod_with_a_key(namespace, "mine")), "[SC108]")
    weaken(kube, namespace, mode)
    done = kube.kubectl("create", "-f", "-", stdin=json.dumps(pod_with_a_key(namespace, "mine")))
    told = [line for line in done.stderr.splitlines() if line.startswith("Warning: [SC108] ") and '"c"' in line]
    assert len(told) == (1 if mode == "warn" else 0), done.stderr
    assert kube.find("Pod", "mine", namespace)
