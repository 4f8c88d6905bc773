"""What a developer who may edit a namespace makes there: no pod that reaches the node or brings a credential past all grants."""
import json

import pytest
from support.crdcases import EXEMPTION, edited
from support.kube import ApiError, Kube, eventually
from support.processes import ROOT
from support.users import HOME, RBAC, user, user_name
from test_differential import in_force

pytestmark = pytest.mark.usefixtures("operator", "webhook")
BASELINE = {"pod-security.kubernetes.io/enforce": "baseline", "pod-security.kubernetes.io/enforce-version": "v1.37"}


@pytest.fixture(name="developer")
def fixture_developer(kube, namespace) -> Kube:
    """A client with the built-in role `edit` in the namespace."""
    eventually(lambda: kube.find("ServiceAccount", "default", namespace), what="the default account")
    client = user(kube, namespace, "developer")
    kube.create({"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", "metadata": {"name": "developers", "namespace": namespace},
                 "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "edit"},
                 "subjects": [{"kind": "ServiceAccount", "name": f"developer-{namespace}", "namespace": HOME}]})
    eventually(lambda: kube.allowed(user_name(f"developer-{namespace}"), "create", "pods", namespace), what="the developer may edit")
    return client


def pod(container: dict | None = None, **spec) -> dict:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "tool", "labels": {"app": "tool"}},
            "spec": {"containers": [{"name": "c", "image": "localhost/tool:1", **(container or {})}], **spec}}


def host(path: str, mount: dict | None = None, **source) -> dict:
    return pod({"volumeMounts": [{"name": "v", "mountPath": "/host", **(mount or {})}]},
               volumes=[{"name": "v", "hostPath": {"path": path, **source}}])


def projected(**source) -> dict:
    return pod(volumes=[{"name": "v", "projected": {"sources": [source]}}])


def capability(name: str) -> dict:
    return pod({"securityContext": {"capabilities": {"add": [name]}}})


CERTIFICATE = {"keyType": "ECDSAP256", "credentialBundlePath": "bundle.pem", "maxExpirationSeconds": 3600}
READ_ONLY = {"readOnly": True}
TRIES = {
    # A link that one pod leaves in a folder of the node, and that the runtime resolves when another mounts it.
    "link in a log folder": ("SC201", host("/var/log")),
    "folder behind the link": ("SC201", host("/var/log/link", READ_ONLY)),
    # A log that its own pod replaces by a link, which the kubelet follows for `kubectl logs`.
    "own log": ("SC201", host("/var/log/pods")),
    "containers' logs, read-only": ("SC201", host("/var/log/containers", READ_ONLY)),
    "cron": ("SC201", host("/etc/cron.d")), "dbus": ("SC201", host("/run/dbus")), "cni": ("SC201", host("/etc/cni/net.d")),
    "devices": ("SC201", host("/dev")), "any folder": ("SC201", host("/srv/data", READ_ONLY)),
    "file, writable": ("SC201", host("/etc/localtime")), "file by subPath": ("SC201", host("/etc/localtime", {**READ_ONLY, "subPath": "a"})),
    "file that is made": ("SC201", host("/etc/timezone", READ_ONLY, type="FileOrCreate")),
    "file by another name": ("SC201", host("//etc/localtime", READ_ONLY)),
    **{name: ("SC203", capability(name)) for name in ("SYS_MODULE", "DAC_READ_SEARCH", "SYS_RAWIO", "BPF", "NET_ADMIN")},
    "host port": ("SC203", pod({"ports": [{"containerPort": 80, "hostPort": 80}]})),
    "SPIFFE": ("SC112", pod(volumes=[{"name": "v", "csi": {"driver": "csi.spiffe.io", "readOnly": True}}])),
    "secrets store": ("SC112", pod(volumes=[{"name": "v", "csi": {"driver": "secrets-store.csi.k8s.io", "readOnly": True}}])),
    "gMSA": ("SC112", pod(securityContext={"windowsOptions": {"gmsaCredentialSpecName": "web"}})),
    "DRA": ("SC112", pod(resourceClaims=[{"name": "x", "resourceClaimName": "x"}])),
    "API client": ("SC113", projected(podCertificate={"signerName": "kubernetes.io/kube-apiserver-client-pod", **CERTIFICATE})),
    "AWS": ("SC103", projected(serviceAccountToken={"path": "t", "audience": "sts.amazonaws.com", "expirationSeconds": 600})),
    "Azure": ("SC103", projected(serviceAccountToken={"path": "t", "audience": "api://AzureADTokenExchange", "expirationSeconds": 600})),
}


def refusal(call) -> str:
    with pytest.raises(ApiError) as error:
        call()
    assert error.value.status == 403, error.value
    return error.value.message


@pytest.mark.parametrize("what", TRIES)
def test_a_developer_reaches_no_node_and_no_credential_past_grants(kube, namespace, developer, what):
    rule, body = TRIES[what]
    assert f"[{rule}]" in refusal(lambda: developer.create(body, namespace))
    template = {"metadata": {"labels": body["metadata"]["labels"]}, "spec": body["spec"]}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "tool"},
                  "spec": {"selector": {"matchLabels": {"app": "tool"}}, "template": template}}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "tool"},
           "spec": {"template": {**template, "spec": {**body["spec"], "restartPolicy": "Never"}}}}
    for workload in (deployment, job):
        assert f"[{rule}]" in refusal(lambda w=workload: developer.create(w, namespace))
    assert not kube.list("Pod", namespace)


def test_what_of_the_node_is_harmless_a_developer_may_mount(namespace, developer):
    developer.create(host("/etc/localtime", READ_ONLY, type="File"), namespace)


def test_an_added_container_is_judged_by_the_policy_without_the_webhook(kube, namespace):
    """Of a pod from before the enrolment, whatever the pod itself is."""
    old = host("/var/log")
    kube.patch("Namespace", namespace, None, {"metadata": {"labels": {"errand.dev/enforce": "warn"}, "annotations": {"errand.dev/enforced-since": None}}})
    eventually(lambda: kube.create(old, namespace), 10, 0.2, "the mode is known")
    kube.patch("Namespace", namespace, None, {"metadata": {"labels": {"errand.dev/enforce": "true"}}})

    def add(container: dict) -> dict:
        added = {"spec": {"ephemeralContainers": [{"name": "debug", "image": "localhost/tool:1", **container}]}}
        return kube.patch("Pod", "tool", namespace, added, "ephemeralcontainers")

    with in_force(kube, namespace, "Pod", ROOT / "manifests/components/policies/errand-pods.yaml"):
        for rule, container in (("SC201", {"volumeMounts": [{"name": "v", "mountPath": "/host", "readOnly": True}]}),
                                ("SC203", {"securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}}}),
                                ("SC107", {"env": [{"name": "E", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]})):
            said = refusal(lambda c=container: add(c))
            assert f"[{rule}]" in said and "errand-pods" in said
        add({})


def test_pod_security_refuses_what_an_exemption_admits_and_the_exemption_says_so(kube, namespace, developer, tmp_path):
    """And SC201 holds where the label is off."""
    body = host("/var/log")
    exempt = edited(EXEMPTION, [("spec/rules", [{"name": "SC201"}]), ("spec/podSelector", {"matchLabels": {"app": "tool"}})])
    exempt["metadata"]["namespace"] = namespace
    kube.patch("Namespace", namespace, None, {"metadata": {"labels": BASELINE}})
    assert "violates PodSecurity" in eventually(lambda: refusal(lambda: developer.create(body, namespace, dry_run=True)))
    path = tmp_path / "exemption.yaml"
    path.write_text(json.dumps(exempt))
    said = kube.kubectl("create", "-f", str(path)).stderr
    assert "Warning" in said and "pod-security.kubernetes.io/enforce=baseline" in said and "take the label off" in said
    kube.delete("Exemption", exempt["metadata"]["name"], namespace)
    kube.patch("Namespace", namespace, None, {"metadata": {"labels": dict.fromkeys(BASELINE)}})
    eventually(lambda: "[SC201]" in refusal(lambda: developer.create(body, namespace, dry_run=True)), 10, 0.2, "SC201 holds alone")
    assert "Warning" not in kube.kubectl("create", "-f", str(path)).stderr
    eventually(lambda: developer.create(body, namespace, dry_run=True), 10, 0.2, "the webhook knows the Exemption")
