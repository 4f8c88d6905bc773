"""`kubectl errand doctor` in a cluster of its own: nothing is wrong, and each fault that is made is found."""
import base64
import contextlib
import json
import subprocess

import pytest
from support import agents
from support.enrolment import set_mode
from support.kube import eventually
from support.processes import Installation, program
from support.users import kubeconfig, rule, user

NS = "doctored"


@pytest.fixture(name="place", scope="module")
def fixture_place():
    with Installation.of_its_own() as installation:
        operator = installation.start_operator(leader_elect=True)
        eventually(operator.leads, 30, what="the operator leads")
        eventually(operator.guards_hold, 60, what="the guards hold")
        installation.enroll(NS, roles=("reader",))
        agents.declare(installation.kube, NS)
        yield installation


def doctor(kube, config=None) -> tuple[int, list[dict], str]:
    command = [program("kubectl-errand"), "doctor", "--kubeconfig", str(config or kube.kubeconfig)]
    text = subprocess.run(command, check=False, capture_output=True, text=True)
    done = subprocess.run([*command, "--format", "json"], check=False, capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout)["checks"] if done.stdout else [], text.stdout + text.stderr


def healthy(kube) -> None:
    eventually(lambda: doctor(kube)[0] == 0, 30, 0.5, f"nothing is wrong:\n{doctor(kube)[2]}")


def fault(kube, check: str) -> dict:
    """The only problem that is found, of that check."""
    code, checks, text = doctor(kube)
    assert code == 1, text
    assert {c["check"] for c in checks if c["verdict"] == "wrong"} == {check}, text
    return next(p for c in checks for p in c["problems"])


def test_a_healthy_installation(place):
    code, checks, text = doctor(place.kube)
    assert code == 0, text
    assert {c["check"] for c in checks if c["verdict"] == "ok"} >= {"kinds", "lease", "webhook", "policies", "guards", "namespaces",
                                                                  "identities", "grants", "requesters"}, text
    assert "every namespace: group kubeadm:cluster-admins (by ClusterRole/cluster-admin)" in text
    assert "enforces no Pod Security level, or privileged, in: " + NS in text


def test_requesters_are_named(place):
    binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "asks", "namespace": NS},
               "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "errand-requester"},
               "subjects": [{"kind": "ServiceAccount", "name": "orchestrator", "namespace": "ci"},
                            {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "alice"}]}
    place.kube.create(binding)
    assert f"Namespace/{NS}: ServiceAccount ci/orchestrator (by ClusterRole/errand-requester), user alice" in doctor(place.kube)[2]
    place.kube.delete("RoleBinding", "asks", NS)


def test_a_policy_that_is_not_bound(place):
    binding = place.kube.get("ValidatingAdmissionPolicyBinding", "errand-not-enrolled")
    place.kube.delete("ValidatingAdmissionPolicyBinding", "errand-not-enrolled")
    assert "there is no ValidatingAdmissionPolicyBinding errand-not-enrolled" in fault(place.kube, "policies")["message"]
    place.kube.create({"apiVersion": binding["apiVersion"], "kind": binding["kind"], "metadata": {"name": "errand-not-enrolled",
                       "labels": binding["metadata"].get("labels", {})}, "spec": binding["spec"]})
    healthy(place.kube)


@contextlib.contextmanager
def bundle(kube, value: str):
    """Another caBundle in the mutating webhooks."""
    before = kube.get("MutatingWebhookConfiguration", "errand")["webhooks"]
    kube.patch("MutatingWebhookConfiguration", "errand", None,
               [{"op": "replace", "path": f"/webhooks/{i}/clientConfig/caBundle", "value": value} for i in range(len(before))])
    yield
    kube.patch("MutatingWebhookConfiguration", "errand", None, {"webhooks": before})


def expiring(path, days: int) -> str:
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", path / "k", "-out", path / "c", "-days",
                    str(days), "-subj", "/CN=x"], check=True, capture_output=True)
    return base64.b64encode((path / "c").read_bytes()).decode()


def test_a_certificate_that_expires_soon(place, tmp_path):
    with bundle(place.kube, expiring(tmp_path, 2)):
        found = fault(place.kube, "webhook")
        assert found["field"] == "webhooks[0].clientConfig.caBundle" and "expires at" in found["message"]
    healthy(place.kube)


def test_a_namespace_that_is_half_enrolled(place):
    kube = place.kube
    saved = kube.get("RoleBinding", "errand-operator", NS)
    kube.delete("RoleBinding", "errand-operator", NS)
    found = fault(kube, "namespace")
    assert found["field"] == "RoleBinding errand-operator" and found["commands"] == [f"kubectl errand enroll {NS} --apply"]
    kube.create({**saved, "metadata": {"name": "errand-operator", "namespace": NS}})
    healthy(kube)
    place.enroll("half")
    set_mode(kube, "half", None)
    assert "not labelled" in fault(kube, "namespace")["message"]
    set_mode(kube, "half", "warn")
    code, _, text = doctor(kube)
    assert code == 0 and "Namespace/half: mode warn" in text, text
    kube.delete("Namespace", "half")
    kube.wait_gone("Namespace", "half", None, 60)
    healthy(kube)


def test_grants_that_are_stalled_and_identities_that_are_not_ready(place):
    kube = place.kube
    kube.create(agents.grant(NS, "task", toolClass="absent"))
    kube.wait_for("TaskGrant", "task", NS, agents.stalled("no tool class"))
    found = fault(kube, "grants")
    assert found["reason"] == "ToolClassNotFound" and found["commands"] == [f"kubectl errand explain taskgrant/task -n {NS}"]
    kube.delete("TaskGrant", "task", NS)
    kube.wait_gone("TaskGrant", "task", NS, 30)
    healthy(kube)
    kube.patch("Namespace", NS, None, {"metadata": {"labels": {"errand.dev/suspended": "true"}}})
    eventually(lambda: f"Namespace/{NS}: suspended" in doctor(kube)[2], what="the suspension is noted")
    kube.patch("Namespace", NS, None, {"metadata": {"labels": {"errand.dev/suspended": None}}})
    eventually(lambda: doctor(kube)[0] == 0, 30, 0.5, "nothing is wrong")


def test_a_process_that_is_not_ready(place):
    kube = place.kube
    pod = {"metadata": {"labels": {"app": "x"}}, "spec": {"schedulerName": "none", "containers": [{"name": "c", "image": "none"}]}}
    kube.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "errand-webhook", "namespace": "errand-system"},
                 "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "x"}}, "template": pod}})
    assert fault(kube, "process")["message"] == "0 of 2 replicas are ready"
    kube.delete("Deployment", "errand-webhook", "errand-system")
    healthy(kube)


def test_a_user_with_few_rights(place, tmp_path):
    config = kubeconfig(user(place.kube, NS, "narrow", rule("errand.dev", "taskgrants", "get list")), tmp_path / "c", NS)
    code, checks, text = doctor(place.kube, config)
    assert code == 2 and "forbidden" in text, text
    assert not [c for c in checks if c["verdict"] == "wrong"], text
    absent = subprocess.run([program("kubectl-errand"), "doctor", "--kubeconfig", str(tmp_path / "absent")], check=False,
                            capture_output=True, text=True)
    assert absent.returncode == 2 and absent.stdout == "" and "absent" in absent.stderr


def test_an_operator_that_is_gone(place):
    operator = next(p for p in place.processes if p.name == "operator")
    operator.kill()
    eventually(lambda: doctor(place.kube)[0] == 1, 60, 1, "the lease is not renewed")
    code, checks, text = doctor(place.kube)
    assert code == 1 and {c["check"] for c in checks if c["verdict"] == "wrong"} == {"lease", "process"}, text
    assert "last renewed it at" in text
