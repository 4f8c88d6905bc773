"""The mutating half on a real API server: what becomes of a pod, and the token files of the real kubelet."""
import copy
import json
import uuid

import pytest
from support import agents
from support.agents import ACCESS, AUDIENCE, VOLUME, account_of, claims, condition, in_phase
from support.kube import ApiError, eventually

pytestmark = pytest.mark.usefixtures("operator", "webhook")


@pytest.fixture(name="world")
def fixture_world(kube, namespace):
    """An identity with its role, ready."""
    kube.create(agents.role(namespace))
    kube.create(agents.identity(namespace))
    kube.wait_for("AgentIdentity", "bot", namespace, lambda a: condition(a, "Ready").get("status") == "True")
    eventually(lambda: kube.find("ServiceAccount", "default", namespace), what="the default account")
    return namespace


def pods_of(kube, ns: str, job: str) -> list[dict]:
    return [p for p in kube.list("Pod", ns) if p["metadata"]["labels"].get("job-name") == job]


def pod(name: str, grant: str | None = None, **spec) -> dict:
    labels = {"app": "bot"} | ({"errand.dev/task-grant": grant} if grant else {})
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels},
            "spec": {"restartPolicy": "Never", "containers": [{"name": "agent", "image": agents.IMAGE}], **spec}}


def granted(kube, ns: str, name: str, workload: str, **spec) -> dict:
    """The grant, once its account exists."""
    kube.create(agents.grant(ns, name, workload, access=ACCESS, **spec))
    return kube.wait_for("TaskGrant", name, ns, lambda g: g["status"].get("serviceAccount", {}).get("uid"))


def assert_completed(spec: dict, g: dict) -> None:
    assert spec["serviceAccountName"] == spec["serviceAccount"] == account_of(g)
    assert spec["automountServiceAccountToken"] is False
    assert 540 <= spec["activeDeadlineSeconds"] <= 600, "the window, or what is left of it"
    assert [v["name"] for v in spec["volumes"]] == [VOLUME]
    assert spec["volumes"][0]["projected"] == {"defaultMode": 0o644, "sources": [
        {"serviceAccountToken": {"expirationSeconds": 600, "path": "token"}},
        {"serviceAccountToken": {"audience": AUDIENCE, "expirationSeconds": 600, "path": "mcp"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}}]}
    for container in spec["containers"] + spec.get("initContainers", []):
        assert container["volumeMounts"] == [
            {"name": VOLUME, "readOnly": True, "mountPath": path}
            for path in ("/var/run/secrets/errand.dev", "/var/run/secrets/kubernetes.io/serviceaccount")]


def test_job_applied_with_its_grant_waits_at_the_gate_and_then_holds_real_tokens(kube, cluster, world):
    window = {"duration": "10m", "notBefore": agents.in_seconds(4)}
    together = {"apiVersion": "v1", "kind": "List", "items": [agents.job(world, grant_name="task"),
                                                             agents.grant(world, "task", access=ACCESS, window=window)]}
    kube.kubectl("apply", "-f", "-", stdin=json.dumps(together))
    first = eventually(lambda: pods_of(kube, world, "fix"), 30, what="the Job has a pod")[0]
    g = kube.get("TaskGrant", "task", world)
    assert_completed(first["spec"], g)
    running = kube.wait_for("Pod", first["metadata"]["name"], world, lambda p: p["status"]["phase"] == "Running", 30)
    assert "schedulingGates" not in running["spec"]
    assert len(pods_of(kube, world, "fix")) == 1, "it has waited, not tried again and again"
    assert "failed" not in kube.get("Job", "fix", world)["status"]
    assert kube.get("TaskGrant", "task", world)["status"]["phase"] == "Active"

    files = cluster.volume(running, VOLUME)
    assert {f.name for f in files.iterdir() if not f.name.startswith("..")} == {"token", "mcp", "ca.crt", "namespace"}
    assert (files / "namespace").read_text() == world
    api, mcp = claims((files / "token").read_text()), claims((files / "mcp").read_text())
    assert api["sub"] == mcp["sub"] == f"system:serviceaccount:{world}:{account_of(g)}"
    assert mcp["aud"] == [AUDIENCE]
    assert api["exp"] - api["iat"] == 600
    assert api["kubernetes.io"]["pod"]["name"] == running["metadata"]["name"]
    agent = kube.with_token((files / "token").read_text())
    assert agents.refusal(lambda: agent.list("ConfigMap", world)) == 200
    assert agents.refusal(lambda: agent.list("Secret", world)) == 403


def test_what_has_audiences_alone_gets_nothing_that_a_client_of_the_api_server_looks_for(kube, world):
    kube.create(agents.grant(world, "task", "Pod/once", access={"audiences": ACCESS["audiences"]}))
    kube.wait_for("TaskGrant", "task", world, lambda g: g["status"].get("serviceAccount", {}).get("uid"))
    made = kube.create(pod("once", "task"), world, dry_run=True)["spec"]
    tokens = [s["serviceAccountToken"] for s in made["volumes"][0]["projected"]["sources"] if "serviceAccountToken" in s]
    assert tokens == [{"audience": AUDIENCE, "expirationSeconds": 600, "path": "mcp"}]
    assert [m["mountPath"] for m in made["containers"][0]["volumeMounts"]] == ["/var/run/secrets/errand.dev"]


def test_a_pods_deadline_is_its_own_where_it_is_within_the_window(kube, world):
    granted(kube, world, "task", "Pod/once")
    made = [kube.create(pod("once", "task", activeDeadlineSeconds=own), world, dry_run=True)["spec"]["activeDeadlineSeconds"]
            for own in (60, 9999)]
    assert made == [60, 600]


def test_gate_is_there_at_the_creation(kube, world):
    granted(kube, world, "task", "Pod/once")
    made = kube.create(pod("once", "task"), world, dry_run=True)
    assert made["spec"]["schedulingGates"] == [{"name": "errand.dev/grant"}]


def test_completing_again_changes_nothing(kube, world):
    g = granted(kube, world, "task", "Pod/once")
    body = pod("once", "task", initContainers=[{"name": "setup", "image": agents.IMAGE}])
    once = kube.create(body, world, dry_run=True)
    assert_completed(once["spec"], g)
    again = {"apiVersion": "v1", "kind": "Pod", "spec": copy.deepcopy(once["spec"]),
             "metadata": {k: once["metadata"][k] for k in ("name", "labels")}}
    assert kube.create(again, world, dry_run=True)["spec"] == once["spec"]


def test_job_created_before_its_grant_waits_for_it(kube, world):
    kube.create(agents.job(world, grant_name="late"))
    kube.create(agents.grant(world, "late"))
    kube.wait_for("TaskGrant", "late", world, in_phase("Active"), 60)
    eventually(lambda: pods_of(kube, world, "fix"), what="the Job controller makes the pod once the grant is known")


def test_owner_reference_alone_does_not_make_a_pod_the_workloads(kube, world):
    granted(kube, world, "task", "Job/fix")
    job = kube.create({**agents.job(world), "metadata": {"name": "fix", "namespace": world}})
    forged = pod("forged", "task")
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": "fix", "controller": True, "uid": job["metadata"]["uid"]}
    forged["metadata"]["ownerReferences"] = [owner]
    with pytest.raises(ApiError, match="whose pods are created by the Job controller alone"):
        kube.create(forged, world)
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    controller = kube.as_user("system:serviceaccount:kube-system:job-controller", "system:serviceaccounts")
    controller.create(forged, world, dry_run=True)
    owner["uid"] = str(uuid.uuid4())
    with pytest.raises(ApiError, match='is for an earlier Job "fix", which this one has replaced'):
        controller.create(forged, world)


def test_a_pod_may_be_made_again_before_the_start(kube, world):
    kube.create(agents.grant(world, "task", "Pod/once", window={"duration": "10m", "notBefore": agents.in_seconds(3600)}))
    kube.wait_for("TaskGrant", "task", world, in_phase("Scheduled"))
    for _ in range(2):
        uid = kube.create(pod("once", "task"), world)["metadata"]["uid"]
        kube.wait_for("TaskGrant", "task", world, lambda g: g["status"].get("workload", {}).get("uid") == uid)  # noqa: B023
        kube.delete("Pod", "once", world)
        kube.wait_for("TaskGrant", "task", world, lambda g: "workload" not in g["status"])


def test_grants_account_is_not_for_other_pods(kube, world):
    g = granted(kube, world, "task", "Pod/once")
    with pytest.raises(ApiError, match=r"\[SC104\].*without the label errand.dev/task-grant"):
        kube.create(pod("other", serviceAccountName=account_of(g), automountServiceAccountToken=False), world)
    with pytest.raises(ApiError, match='is for Pod "once", not for this one'):
        kube.create(pod("other", "task", serviceAccountName=account_of(g)), world)


def test_ended_grant_starts_nothing(kube, world):
    granted(kube, world, "task", "Pod/once")
    kube.patch("TaskGrant", "task", world, {"spec": {"revoke": {"reason": "wrong cluster"}}})
    kube.wait_for("TaskGrant", "task", world, in_phase("Revoked"))

    def refused() -> bool:
        with pytest.raises(ApiError, match=r"TaskGrant .task. is (revoked|Revoked)"):
            kube.create(pod("once", "task"), world, dry_run=True)
        return True

    eventually(refused, 5, 0.2)


def test_grant_that_cannot_be_projected_is_refused(kube, world):
    kube.create(agents.grant(world, "task", "Pod/once", mode="Slot"))
    with pytest.raises(ApiError, match="delivers into a slot"):
        kube.create(pod("once", "task"), world)


def test_pod_without_a_grant_loses_the_api_servers_volume(kube, world):
    made = kube.create(pod("plain"), world, dry_run=True)["spec"]
    assert made["automountServiceAccountToken"] is False
    assert not made.get("volumes")
    assert not made["containers"][0].get("volumeMounts")


def test_leased_secret_is_a_folder_of_files_that_follows_its_source_and_goes_with_the_grant(kube, cluster, world):
    kube.create(agents.leasable(world, user="bot", key="s1"))
    kube.create(agents.marked(agents.grant(world, "task", access={**ACCESS, "secrets": [{"name": "ticketing"}]})))
    kube.create(agents.job(world, grant_name="task"))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Active"), 30)
    agents.assert_owned_says_no_more_than_whose_it_is(kube, world, g)
    first = eventually(lambda: pods_of(kube, world, "fix"), what="the Job has a pod")[0]
    running = kube.wait_for("Pod", first["metadata"]["name"], world, lambda p: p["status"]["phase"] == "Running", 30)
    assert cluster.read(running, "errand-lease-0", "key") == "s1"
    assert cluster.read(running, "errand-lease-0", "user") == "bot"
    assert (cluster.volume(running, VOLUME) / "ticketing").is_dir(), "the kubelet has made the mountpoint"
    files = cluster.volume(running, "errand-lease-0")
    kube.patch("Secret", "ticketing", world, {"stringData": {"key": "s2"}})
    eventually(lambda: (files / "key").read_text() == "s2", 20, what="the pod sees the rotated value")
    kube.patch("Secret", "ticketing", world, {"data": {"user": None}})
    eventually(lambda: not (files / "user").exists(), 20, what="a key that the source loses goes from the pod")
    assert kube.get("TaskGrant", "task", world)["status"]["phase"] == "Active"
    kube.patch("TaskGrant", "task", world, {"spec": {"revoke": {"reason": "done"}}})
    eventually(lambda: not agents.owned(kube, world, g), what="the copy is gone")
    eventually(lambda: not (files / "key").exists(), 20, what="its files are gone from the pod that still runs")


def test_secret_of_a_type_that_is_never_leased_stalls_before_the_start(kube, world):
    kube.create({**agents.leasable(world, release="x"), "type": "helm.sh/release.v1"})
    kube.create(agents.job(world, idle=True))
    kube.create(agents.grant(world, "task", access={"secrets": [{"name": "ticketing"}]}))
    g = kube.wait_for("TaskGrant", "task", world, agents.stalled("helm.sh/release.v1, which is never leased"))
    assert "startedAt" not in g["status"]
