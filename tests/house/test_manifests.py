"""manifests/ and charts/errand install the same objects, and these give no more rights than they claim."""
import json

import pytest
import yaml

from render import ROOT, chart, helm, kustomize, overlay

NAMESPACE = ("v1", "Namespace", "", "errand-system")
READ = {"get", "list", "watch"}
AGENTS = [{"name": "agents", "create": True, "roles": ["event-reader"], "clusterRoles": ["view"]}]


@pytest.fixture(scope="module", name="base")
def fixture_base():
    return kustomize(ROOT / "manifests" / "base")


def same(rendered, expected):
    """Compares object by object, so that a failure shows one object and not all of them."""
    assert sorted(rendered) == sorted(expected)
    for key, want in expected.items():
        assert rendered[key] == want, key


def without(objects, *kinds):
    return {key: value for key, value in objects.items() if key[1] not in kinds}


def rules(objects, account):
    """[(namespace or "" for the whole cluster, rule)] that bindings give to an account of errand-system."""
    given = []
    for binding in objects.values():
        if not binding["kind"].endswith("RoleBinding"):
            continue
        if not any(s["name"] == account and s["namespace"] == "errand-system" for s in binding["subjects"]):
            continue
        scope = binding["metadata"].get("namespace", "")
        ref = binding["roleRef"]
        home = scope if ref["kind"] == "Role" else ""
        role = objects[(f"{ref['apiGroup']}/v1", ref["kind"], home, ref["name"])]
        given += [(scope, rule) for rule in role["rules"]]
    assert given, f"nothing is bound to {account}"
    return given


def test_the_chart_renders_the_objects_of_the_base(base):
    expected = dict(base)
    # Helm makes the namespace of a release itself, or refuses one that is part of it.
    del expected[NAMESPACE]
    same(chart(), expected)


def test_the_chart_with_cert_manager_renders_the_component(tmp_path):
    expected = overlay(tmp_path, resources=["manifests/base"], components=["manifests/components/cert-manager"])
    del expected[NAMESPACE]
    same(chart("--set", "webhook.certManager.enabled=true"), expected)


def test_the_chart_with_more_policies_renders_the_component(tmp_path):
    expected = overlay(tmp_path, resources=["manifests/base"], components=["manifests/components/policies"])
    del expected[NAMESPACE]
    same(chart("--set", "policies.rules=true"), expected)


def test_policies_fail_closed_and_follow_the_chart_s_namespace(base):
    policies = [o for o in base.values() if o["kind"] == "ValidatingAdmissionPolicy"]
    assert len(policies) >= 8 and all(p["spec"]["failurePolicy"] == "Fail" for p in policies)
    bound = {o["spec"]["policyName"]: o["spec"]["validationActions"] for o in base.values()
             if o["kind"] == "ValidatingAdmissionPolicyBinding"}
    assert bound == {p["metadata"]["name"]: ["Deny"] for p in policies}
    moved = helm("template", "errand", ROOT / "charts" / "errand", "--namespace", "elsewhere").stdout
    assert "errand-system" not in moved and "system:serviceaccount:elsewhere:errand-operator" in moved


def test_the_chart_enrols_as_the_namespace_base_does(tmp_path, base):
    bind = [{"apiGroups": ["rbac.authorization.k8s.io"], "resources": [resource], "verbs": ["bind"],
             "resourceNames": [name]} for resource, name in (("clusterroles", "view"), ("roles", "event-reader"))]
    patch = [{"op": "replace", "path": "/rules", "value": bind}]
    expected = overlay(tmp_path, namespace="agents", resources=["manifests/namespace"],
                       patches=[{"target": {"kind": "Role"}, "patch": json.dumps(patch)}])
    rendered = chart("--set-json", f"namespaces={json.dumps(AGENTS)}")
    same({key: rendered[key] for key in rendered if key not in base}, expected)


def test_local_is_the_base_without_what_runs_in_the_cluster(base):
    same(kustomize(ROOT / "manifests" / "local"),
         without(base, "Deployment", "Service", "PodDisruptionBudget"))


def test_a_packaged_chart_holds_the_crds(tmp_path):
    helm("package", ROOT / "charts" / "errand", "--destination", tmp_path)
    packaged = chart(source=next(tmp_path.glob("errand-*.tgz")))
    for file in sorted((ROOT / "crds").glob("errand.dev_*.yaml")):
        crd = yaml.safe_load(file.read_text())
        key = (crd["apiVersion"], crd["kind"], "", crd["metadata"]["name"])
        assert packaged[key] == crd


def test_the_chart_can_leave_the_crds_out():
    kinds = {key[1] for key in chart("--set", "crds.install=false")}
    assert "Deployment" in kinds and "CustomResourceDefinition" not in kinds


@pytest.mark.parametrize("wrong, field", [
    ("webhok.replicas=3", "webhok"),
    ("webhook.replicas=0", "replicas"),
    ("image.digest=latest", "digest"),
    ("namespaces[0].name=errand-system", "namespaces/0/name"),
    ("namespaces[0].name=agents,namespaces[0].roles={*}", "namespaces/0/roles/0"),
])
def test_wrong_values_are_refused_by_name(wrong, field):
    done = helm("template", "errand", ROOT / "charts" / "errand", "--set", wrong, check=False)
    assert done.returncode != 0
    assert field in done.stderr


@pytest.mark.parametrize("account", ["errand-operator", "errand-scanner", "errand-webhook"])
def test_no_account_can_raise_itself(base, account):
    for _, rule in rules(base, account):
        assert not {"*", "escalate", "impersonate", "bind", "deletecollection"} & set(rule["verbs"]), rule
        assert "*" not in rule["resources"] + rule["apiGroups"], rule


def test_the_operator_writes_nothing_cluster_wide_but_its_own_kinds(base):
    for scope, rule in rules(base, "errand-operator"):
        if scope == "errand-system":
            # Its own Lease (creation cannot be limited to a name), the webhook's two Secrets and the keys of seals.
            if rule["resources"] == ["secrets"]:
                assert rule["resourceNames"] == ["errand-webhook-ca", "errand-webhook-tls", "errand-seal"], rule
                assert rule["verbs"] == ["get", "patch"], rule
                continue
            assert rule["resources"] == ["leases"], rule
            assert rule["verbs"] == ["create"] or rule["resourceNames"] == ["errand-operator"], rule
            continue
        assert scope == ""
        assert not {"secrets", "serviceaccounts", "serviceaccounts/token", "pods", "rolebindings",
                    "roles"} & set(rule["resources"]), rule
        if rule["apiGroups"] == ["admissionregistration.k8s.io"]:
            assert rule["resourceNames"] == ["errand"] and rule["verbs"] == ["get", "patch"], rule
        elif rule["apiGroups"] != ["errand.dev"]:
            asks = set(rule["resources"]) <= {"tokenreviews", "subjectaccessreviews"} and rule["verbs"] == ["create"]
            assert asks or set(rule["verbs"]) <= READ, rule


def test_the_webhook_writes_nothing_and_reads_no_secret(base):
    for _, rule in rules(base, "errand-webhook"):
        asks = rule["resources"] == ["subjectaccessreviews"] and rule["verbs"] == ["create"]
        assert asks or set(rule["verbs"]) <= READ, rule
        assert not [r for r in rule["resources"] if r.startswith(("secrets", "serviceaccounts", "configmaps"))], rule


def test_the_scanner_lists_what_is_no_secret_and_writes_events_alone(base):
    for _, rule in rules(base, "errand-scanner"):
        if rule["resources"] == ["events"]:
            assert rule["verbs"] == ["create", "patch"], rule
            continue
        assert rule["verbs"] == ["list"], rule
        assert not [r for r in rule["resources"] if r.startswith("secrets") or "/" in r], rule


def test_the_chart_can_leave_the_scanner_out(base):
    left = set(base) - set(chart("--set", "scanner.enabled=false")) - {NAMESPACE}
    assert {(key[1], key[3]) for key in left} == {(kind, "errand-scanner") for kind in ("ClusterRole", "ClusterRoleBinding", "Deployment")}


def test_enrolment_reaches_one_namespace_and_listed_roles():
    objects = chart("--set-json", f"namespaces={json.dumps(AGENTS)}")
    inside = [rule for scope, rule in rules(objects, "errand-operator") if scope == "agents"]
    assert {scope for scope, _ in rules(objects, "errand-operator")} == {"", "agents", "errand-system"}
    bound = [rule for rule in inside if "bind" in rule["verbs"]]
    assert {(r["resources"][0], *r["resourceNames"]) for r in bound} == {
        ("roles", "event-reader"), ("clusterroles", "view")}
    for rule in inside:
        assert not {"*", "escalate", "impersonate", "update", "deletecollection"} & set(rule["verbs"]), rule
        assert rule in bound or "roles" not in rule["resources"] or rule["verbs"] == ["list", "watch"], rule


def test_a_namespace_enrolled_without_roles_binds_none():
    objects = chart("--set", "namespaces[0].name=agents")
    assert objects[("rbac.authorization.k8s.io/v1", "Role", "agents", "errand-operator-bind")]["rules"] == []
    assert ("v1", "Namespace", "", "agents") not in objects


@pytest.mark.parametrize("name", ["errand-operator", "errand-scanner", "errand-webhook"])
def test_pods_are_confined(base, name):
    spec = base[("apps/v1", "Deployment", "errand-system", name)]["spec"]["template"]["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert base[("v1", "ServiceAccount", "errand-system", name)]["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    container, = spec["containers"]
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                            "capabilities": {"drop": ["ALL"]}}
    tokens = [source["serviceAccountToken"] for volume in spec["volumes"]
              for source in volume.get("projected", {}).get("sources", []) if "serviceAccountToken" in source]
    assert tokens == [{"path": "token", "expirationSeconds": 3600}]


@pytest.mark.parametrize("kind", ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"])
def test_the_webhook_never_blocks_its_own_repair(base, kind):
    for webhook in base[("admissionregistration.k8s.io/v1", kind, "", "errand")]["webhooks"]:
        assert webhook["failurePolicy"] == "Fail" and webhook["sideEffects"] == "None"
        assert webhook["timeoutSeconds"] <= 5
        spared = [e for e in webhook["namespaceSelector"]["matchExpressions"] if e["operator"] == "NotIn"]
        assert spared == [{"key": "kubernetes.io/metadata.name", "operator": "NotIn",
                           "values": ["kube-system", "errand-system"]}]
