"""What exists already, on a real API server: `kubectl-errand report`, and the background scan as its own account."""
import json
import subprocess

import pytest
from support import agents, users
from support.crdcases import exemption
from support.enrolment import set_mode
from support.kube import eventually
from support.processes import program

pytestmark = pytest.mark.usefixtures("installation")

LITERAL = "hunter2hunter2"


@pytest.fixture(name="place")
def fixture_place(kube, namespace):
    """An enrolled namespace in which all this was made before it took part."""
    set_mode(kube, namespace, None)
    eventually(lambda: kube.find("ServiceAccount", "default", namespace), what="the default account")
    container = {"name": "app", "image": "localhost/app:1", "env": [{"name": "PGPASSWORD", "value": LITERAL}]}
    pod = {"metadata": {"labels": {"app": "web"}}, "spec": {"hostNetwork": True, "containers": [container]}}
    eventually(lambda: made(kube, namespace, {"apiVersion": "v1", "kind": "Pod", **pod, "metadata": {"name": "single", "labels": {"app": "web"}}}),
               10, 0.2, "no webhook is asked any more")
    kube.create({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
                 "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": pod}}, namespace)
    kube.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "ci", "annotations": {"kubernetes.io/service-account.name": "default"}},
                 "type": "kubernetes.io/service-account-token"}, namespace)
    kube.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "plain"}, "stringData": {"password": LITERAL}}, namespace)
    eventually(lambda: len([p for p in kube.list("Pod", namespace) if p["metadata"].get("ownerReferences")]) == 2, what="the pods are there")
    set_mode(kube, namespace, "true")
    return namespace


def made(kube, namespace, body) -> bool:
    try:
        kube.create(body, namespace)
    except Exception:  # the webhook still refuses
        return False
    return True


def report(kube, *arguments, kubeconfig=None) -> tuple[int, dict, str]:
    done = subprocess.run([program("kubectl-errand"), "report", "--kubeconfig", str(kubeconfig or kube.kubeconfig), *arguments],
                          capture_output=True, text=True, check=False)
    found = json.loads(done.stdout) if "json" in arguments and done.stdout else {}
    return done.returncode, found, done.stdout + done.stderr


def test_what_was_there_before_is_found(kube, place):
    code, found, output = report(kube, "-n", place, "--format", "json")
    assert code == 1, output
    got = {(f["kind"], f["name"] if f["kind"] != "Pod" or not f["others"] else "", f["rule"]) for f in found["findings"]}
    # Nobody completed the pods: they hold tokens. The template alone would be completed.
    pod = {("Pod", "single", rule) for rule in ("SC101", "SC109", "SC202")}
    assert pod | {("Deployment", "web", "SC109"), ("Deployment", "web", "SC202"), ("Pod", "", "SC101"), ("Secret", "ci", "SC401")} <= got
    assert not [f for f in found["findings"] if f["kind"] == "ReplicaSet"]
    assert {f["others"] for f in found["findings"] if f["kind"] == "Pod"} == {0, 1}
    assert found["broken"] == [] and LITERAL not in output


@pytest.mark.usefixtures("operator", "webhook")
def test_what_a_living_grant_is_given_is_no_finding(kube, namespace):
    agents.declare(kube, namespace)
    kube.create(agents.job(namespace, idle=True))
    kube.create(agents.deployment(namespace))
    kube.create(agents.grant(namespace, "projected"))
    kube.create(agents.grant(namespace, "slot", "Deployment/serve", "Slot"))
    for name in ("projected", "slot"):
        kube.wait_for("TaskGrant", name, namespace, agents.in_phase("Active"))
    code, found, output = report(kube, "-n", namespace, "--format", "json")
    assert code == 0 and not found["findings"], output


def test_the_table_and_the_exit_codes(kube, place):
    code, _, text = report(kube, "-n", place)
    assert code == 1 and text.startswith("OBJECT ") and f"Pod {place}/single " in text and "[SC" not in text
    assert "and 1 more of ReplicaSet web-" in text and LITERAL not in text
    assert report(kube, "-n", place, "--fail-level", "critical")[0] == 1
    kube.delete("Deployment", "web", place)
    kube.delete("Pod", "single", place)
    kube.delete("Secret", "ci", place)
    eventually(lambda: not kube.list("Pod", place), 60, what="the pods are gone")
    assert report(kube, "-n", place)[0] == 0
    assert report(kube, "-n", "empty-" + place)[0] == 0
    code, _, text = report(kube, "-n", place, "-A")
    assert code == 2 and "excludes" in text


def test_all_namespaces_are_those_that_take_part(kube, place):
    code, found, _ = report(kube, "-A", "--format", "json")
    assert code in (1, 2)
    namespaces = {f["namespace"] for f in found["findings"]}
    assert place in namespaces and "kube-system" not in namespaces


def test_the_bindings_of_kubernetes_and_of_errand_are_no_findings(kube, place):
    own = {b["metadata"]["name"] for b in kube.list("ClusterRoleBinding")
           if b["metadata"]["name"].startswith(("errand-", "kubeadm:")) or "kubernetes.io/bootstrapping" in b["metadata"].get("labels", {})}
    assert {"cluster-admin", "kubeadm:cluster-admins", "system:controller:namespace-controller", "errand-operator"} <= own
    admin = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": f"admin-of-{place}"},
             "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
             "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "alice"}]}
    kube.create(admin)
    try:
        _, found, output = report(kube, "-A", "--format", "json")
        named = {f["name"] for f in found["findings"] if f["kind"] == "ClusterRoleBinding"}
        assert admin["metadata"]["name"] in named and not named & own, output
    finally:
        kube.delete("ClusterRoleBinding", admin["metadata"]["name"])


def test_exemptions_count(kube, place):
    kube.create(exemption(("spec/rules", [{"name": "SC202"}])), place)
    _, found, _ = report(kube, "-n", place, "--format", "json")
    assert not [f for f in found["findings"] if f["rule"] == "SC202"] and found["exempted"] == 4


def test_what_may_not_be_read_is_said(kube, place, tmp_path):
    reader = users.user(kube, place, "reader", users.rule("", "pods", "list"))
    mine = users.kubeconfig(reader, tmp_path / "kubeconfig", place)
    code, found, output = report(kube, "-n", place, "--format", "json", kubeconfig=mine)
    assert code == 2 and f"{place}/configmaps" in {b["what"] for b in found["broken"]}
    assert {f["rule"] for f in found["findings"] if f["name"] == "single"} == {"SC101", "SC109", "SC202"}, output
    code, _, text = report(kube, "-n", place, "--context", "no-such-context")
    assert code == 2 and "no-such-context" in text


def test_kinds_that_are_not_installed_are_one_line(kube, place, tmp_path):
    """Also for a user without rights to them, whom the API server answers Forbidden for a kind that it does not have."""
    mine = users.kubeconfig(users.user(kube, place, "pods-only", users.rule("", "pods", "list")), tmp_path / "kubeconfig", place)
    for config in (None, mine):
        _, _, text = report(kube, "-n", place, kubeconfig=config)
        line, = [line for line in text.splitlines() if "cert-manager.io" in line or "external-secrets.io" in line]
        assert line.startswith("kinds that are not installed: passed over: ") and "certificates.cert-manager.io, " in line
        _, found, _ = report(kube, "-n", place, "--format", "json", kubeconfig=config)
        assert [p["what"] for p in found["passed"]] == ["kinds that are not installed"]


def test_the_background_scan_counts_and_tells_of_changes_alone(kube, installation, place):
    scanner = installation.start_scanner()
    try:
        single = f'errand_scan_findings{{namespace="{place}",rule="SC101",severity="High"}}'
        assert scanner.metric(single) == 3
        assert scanner.metric("errand_scan_unreadable") == 0, scanner.tail()
        assert "SC401" not in scanner.tail(500), "it reads no Secrets"

        def told() -> list[dict]:
            return [e for e in kube.list("Event", place) if e.get("reason") == "StandingCredential" and e["regarding"]["name"] == "single"]

        event, = eventually(told, 10, what="an Event on the pod")
        assert event["type"] == "Warning" and event["note"].startswith("[SC101] ") and "And 2 more" in event["note"]
        assert event["reportingController"] == "errand.dev/scan" and LITERAL not in json.dumps(event)
        done = scanner.metric("errand_scan_completed_timestamp_seconds")
        eventually(lambda: scanner.metric("errand_scan_completed_timestamp_seconds") >= done + 2, 20, 0.3, "two more scans")
        assert len(told()) == 1 and "series" not in told()[0]
        kube.delete("Deployment", "web", place)
        kube.delete("Pod", "single", place)
        eventually(lambda: scanner.metric(single) == 0, 60, 0.3, "what is gone is counted no more")
        assert LITERAL not in scanner.log.read_text()
    finally:
        scanner.stop()
