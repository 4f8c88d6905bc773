"""The rig: what every other suite takes for granted."""
import base64
import json

from support.cluster import Cluster
from support.kube import eventually


def pod(name: str, **metadata) -> dict:
    audience = {"serviceAccountToken": {"path": "token", "audience": "tool.example", "expirationSeconds": 600}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default", **metadata},
            "spec": {"automountServiceAccountToken": False, "restartPolicy": "Never",
                     "containers": [{"name": "c", "image": "none", "volumeMounts": [{"name": "t", "mountPath": "/t"}]}],
                     "volumes": [{"name": "t", "projected": {"sources": [audience]}}]}}


def test_a_pods_token_is_a_real_file(cluster, kube):
    created = kube.create(pod("token"))
    token = cluster.read(created, "t", "token")
    body = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    assert claims["aud"] == ["tool.example"]
    assert claims["kubernetes.io"]["pod"]["uid"] == created["metadata"]["uid"]
    review = kube.token_review(token, ("tool.example",))
    assert review["authenticated"] and review["user"]["username"] == "system:serviceaccount:default:default"
    kube.delete("Pod", "token", "default")
    eventually(lambda: not kube.token_review(token, ("tool.example",)).get("authenticated"), 75,
               poll=0.5, what="the deleted pod's token is refused")


def test_a_pod_ends_as_its_annotations_say(kube):
    kube.create(pod("ends", annotations={"hollow.errand.dev/exit": "3", "hollow.errand.dev/after": "1s"}))
    ended = kube.wait_for("Pod", "ends", "default", lambda p: p["status"].get("phase") == "Failed", 20)
    assert ended["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"] == 3


def test_a_changed_secret_reaches_the_files(cluster, kube):
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "default"},
              "stringData": {"key": "one"}}
    kube.create(secret)
    holder = pod("holder")
    holder["spec"]["volumes"] = [{"name": "t", "secret": {"secretName": "s"}}]
    created = kube.create(holder)
    assert cluster.read(created, "t", "key", "secret") == "one"
    kube.patch("Secret", "s", "default", {"stringData": {"key": "two"}})
    eventually(lambda: cluster.read(created, "t", "key", "secret") == "two", 15, what="the file holds the later value")


def test_clusters_run_side_by_side_and_leave_nothing(cluster):
    with Cluster.start(node="") as other:
        assert other.kube.server != cluster.kube.server
        assert other.kube.list("Node") == []
        pids = [int(line.split()[1]) for line in (other.directory / "pids").read_text().splitlines()]
        assert pids
    assert not other.directory.exists()
    assert not [pid for pid in pids if _ours(pid, str(other.directory))]


def _ours(pid: int, directory: str) -> bool:
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as command:
            return directory in command.read()
    except FileNotFoundError:
        return False
