"""The guards on a real API server: nobody but the operator opens a gate, and tokens are minted while a grant is Active."""
import pytest
from support import agents
from support.agents import ACCESS, AUDIENCE, VOLUME, account_of, in_phase
from support.cluster import Cluster
from support.enrolment import set_mode
from support.kube import ApiError, eventually
from support.processes import Installation
from support.users import kubelets_token, operators_hand, passing_hand

pytestmark = pytest.mark.usefixtures("operator", "webhook")

GATE = {"name": "errand.dev/grant"}


@pytest.fixture
def world(kube, namespace):
    """An identity with its role, ready."""
    agents.declare(kube, namespace)
    eventually(lambda: kube.find("ServiceAccount", "default", namespace), what="the default account")
    return namespace


@pytest.fixture
def scheduled(kube, world):
    """A grant that starts in an hour, and the pod of its Job, which waits."""
    kube.create(agents.grant(world, "task", access=ACCESS, window={"duration": "10m", "notBefore": agents.in_seconds(3600)}))
    kube.create(agents.job(world, grant_name="task"))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Scheduled"))
    pod = eventually(lambda: kube.list("Pod", world, labels="job-name=fix"), 60, what="the Job has a pod")[0]
    assert pod["spec"]["schedulingGates"] == [GATE]
    return g, pod


def change(kube, pod: dict, *operations: dict) -> None:
    kube.patch("Pod", pod["metadata"]["name"], pod["metadata"]["namespace"], list(operations))


@pytest.mark.parametrize("patch", [
    [{"op": "remove", "path": "/spec/schedulingGates"}],
    [{"op": "remove", "path": "/spec/schedulingGates/0"}, {"op": "remove", "path": "/metadata/labels/errand.dev~1task-grant"}],
    {"spec": {"schedulingGates": None}},
], ids=["list", "item-and-label", "merge"])
def test_the_gate_of_a_scheduled_grant_stays(kube, world, scheduled, patch):
    _, pod = scheduled
    with pytest.raises(ApiError, match='the scheduling gate errand.dev/grant is taken away by the operator alone, once '
                                       'TaskGrant "task" is Active'):
        kube.patch("Pod", pod["metadata"]["name"], world, patch)
    assert kube.get("Pod", pod["metadata"]["name"], world)["spec"]["schedulingGates"] == [GATE]


def test_the_image_of_a_grants_pod_stays_and_its_labels_may_change(kube, world, scheduled):
    _, pod = scheduled
    with pytest.raises(ApiError, match="the image of a pod that runs with a TaskGrant cannot be changed"):
        change(kube, pod, {"op": "replace", "path": "/spec/containers/0/image", "value": "localhost/other:1"})
    change(kube, pod, {"op": "add", "path": "/metadata/labels/more", "value": "x"})
    now = kube.get("Pod", pod["metadata"]["name"], world)
    assert now["spec"]["containers"][0]["image"] == agents.IMAGE and now["metadata"]["labels"]["more"] == "x"


def test_no_token_for_a_grant_that_waits(kube, world, scheduled):
    g, _ = scheduled
    for audiences in ((), (AUDIENCE,)):
        with pytest.raises(ApiError, match='TaskGrant "task" is Scheduled, and its tokens are minted while it is Active only'):
            kubelets_token(kube, account_of(g), world, audiences)


def test_tokens_come_with_the_start_and_no_more_after_the_end(kube, cluster, world):
    kube.create(agents.grant(world, "task", access=ACCESS))
    kube.create(agents.job(world, grant_name="task"))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Active"), 60)
    pod = eventually(lambda: kube.list("Pod", world, labels="job-name=fix"))[0]
    assert agents.claims(cluster.read(pod, VOLUME, "mcp"))["aud"] == [AUDIENCE]
    token = cluster.read(pod, VOLUME, "token")
    assert agents.refusal(lambda: kube.with_token(token).list("ConfigMap", world)) == 200
    assert kubelets_token(kube, account_of(g), world, pod=pod)

    kube.patch("TaskGrant", "task", world, {"spec": {"revoke": {"reason": "done"}}})
    kube.wait_for("TaskGrant", "task", world, in_phase("Revoked"))
    assert agents.refusal(lambda: kubelets_token(kube, account_of(g), world, pod=pod)) in (403, 404)
    agents.refused_within(kube, token, 11)


# Were the account to survive its grant, by a mistake or a restored backup, no token would come of it.
def test_no_token_for_an_account_that_outlives_its_grant(kube, world):
    name = "errand-g." + "0" * 20
    passing_hand(kube).create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": world}})
    with pytest.raises(ApiError, match="it belongs to no TaskGrant"):
        kubelets_token(kube, name, world)


def test_other_pods_and_accounts_are_not_its_concern(kube, world):
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "other", "namespace": world},
           "spec": {"automountServiceAccountToken": False, "schedulingGates": [{"name": "example.com/quota"}],
                    "containers": [{"name": "c", "image": agents.IMAGE}]}}
    kube.create(pod)
    kube.patch("Pod", "other", world, [{"op": "remove", "path": "/spec/schedulingGates"},
                                       {"op": "replace", "path": "/spec/containers/0/image", "value": "localhost/other:1"}])
    assert kube.token_request("default", world)


OF_GRANT = "errand-g." + "0" * 20


@pytest.fixture(scope="module")
def deserted():
    """A cluster with the webhook configurations in force and no webhook: one pod at its gate, one without a grant."""
    with Cluster.start() as cluster:
        installation, kube = Installation(cluster).install(), cluster.kube
        kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "d"}})
        for name in ("default", OF_GRANT):
            if name != "default":
                passing_hand(kube).create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": "d"}})
            eventually(lambda n=name: kube.find("ServiceAccount", n, "d"), what=name)
        for name, account, gates in (("gated", OF_GRANT, [GATE]), ("plain", "default", [{"name": "example.com/quota"}])):
            kube.create({"apiVersion": "v1", "kind": "Pod",
                         "metadata": {"name": name, "namespace": "d", "labels": {"a": "b"}, "annotations": {"a": "b"}},
                         "spec": {"serviceAccountName": account, "automountServiceAccountToken": False, "schedulingGates": gates,
                                  "containers": [{"name": "c", "image": agents.IMAGE}]}})
        set_mode(kube, "d", "true")
        installation.point_webhooks(1)  # nothing listens there
        eventually(lambda: _is_stuck(lambda: kubelets_token(kube, OF_GRANT, "d")), what="the configurations are in force")
        yield kube


def _is_stuck(call) -> bool:
    try:
        call()
    except ApiError as error:
        return "failed calling webhook" in error.message
    return False


def test_without_a_webhook_gates_and_tokens_stay_closed(deserted):
    assert _is_stuck(lambda: deserted.patch("Pod", "gated", "d", [{"op": "remove", "path": "/spec/schedulingGates"}]))
    assert _is_stuck(lambda: deserted.patch("Pod", "gated", "d", [
        {"op": "replace", "path": "/spec/containers/0/image", "value": "localhost/other:1"}]))
    assert _is_stuck(lambda: kubelets_token(deserted, OF_GRANT, "d"))
    for field in ("labels", "annotations"):
        assert _is_stuck(lambda f=field: deserted.patch("Pod", "gated", "d", {"metadata": {f: {"more": "x"}}})), "SC108 is not asked"
    assert deserted.get("Pod", "gated", "d")["spec"]["schedulingGates"] == [GATE]


def test_without_a_webhook_all_else_goes_on(deserted):
    deserted.patch("Pod", "gated", "d", {"metadata": {"finalizers": ["example.com/x"]}})
    deserted.patch("Pod", "gated", "d", {"metadata": {"labels": {"a": None}, "annotations": {"a": None}, "finalizers": None}})
    deserted.patch("Pod", "gated", "d", {"status": {"conditions": [{"type": "Example", "status": "True"}]}}, "status")
    deserted.patch("Pod", "plain", "d", {"metadata": {"labels": {"more": "x"}, "annotations": {"more": "x"}}})
    deserted.patch("Pod", "plain", "d", [{"op": "remove", "path": "/spec/schedulingGates"},
                                         {"op": "replace", "path": "/spec/containers/0/image", "value": "localhost/other:1"}])
    assert deserted.token_request("default", "d")
    assert operators_hand(deserted).token_request(OF_GRANT, "d"), "slots are renewed and ends proven"


def test_without_a_webhook_the_clusters_controllers_go_on(deserted):
    """A namespace gets its account and the cluster's certificate, and those that are passed over by name write."""
    deserted.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "e", "labels": {"errand.dev/enforce": "true"}}})
    eventually(lambda: deserted.find("ServiceAccount", "default", "e"), 10, what="the account of the namespace")
    eventually(lambda: deserted.find("ConfigMap", "kube-root-ca.crt", "e"), 10, what="the cluster's certificate")
    deserted.delete("ConfigMap", "kube-root-ca.crt", "e")
    eventually(lambda: deserted.find("ConfigMap", "kube-root-ca.crt", "e"), 10, what="it is made again")
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    for name in ("default", "stranger", "replicaset-controller"):
        stranger = deserted.as_user(f"system:serviceaccount:kube-system:{name}", "system:masters")
        assert _is_stuck(lambda s=stranger: s.create(config, "e", dry_run=True)), name
