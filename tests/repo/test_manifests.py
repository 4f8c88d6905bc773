"""manifests/ and charts/errand install the same objects, and these give no more rights than they claim."""
import json
import re

import pytest
import yaml
from render import ROOT, chart, helm, hooks, kustomize, overlay

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


def test_the_hook_that_revokes_before_the_chart_is_removed_can_be_switched_off():
    annotations = {("helm.sh/hook", "pre-delete"), ("helm.sh/hook-delete-policy", "before-hook-creation,hook-succeeded"),
                   ("argocd.argoproj.io/hook", "PreDelete"),
                   ("argocd.argoproj.io/hook-delete-policy", "BeforeHookCreation,HookSucceeded")}
    rendered = hooks()
    assert sorted(o["kind"] for o in rendered) == ["ClusterRole", "ClusterRoleBinding", "Job", "Role", "RoleBinding", "ServiceAccount"]
    for hook in rendered:
        found = hook["metadata"]["annotations"]
        assert annotations <= set(found.items()) and found["helm.sh/hook-weight"] == found["argocd.argoproj.io/sync-wave"], hook
        assert hook["metadata"]["name"] == "errand-uninstall" and hook["metadata"]["labels"] == {"app.kubernetes.io/part-of": "errand"}
    order = sorted(rendered, key=lambda o: int(o["metadata"]["annotations"]["helm.sh/hook-weight"]))
    assert order[-1]["kind"] == "Job", "its account has its rights by then"
    assert hooks("--set", "uninstall.enabled=false") == []


def test_the_hook_s_account_reads_no_secret_and_writes_by_name_or_by_a_policy(base):
    bounded = {"taskgrants", "serviceaccounts", "rolebindings", "namespaces"}
    for role in (o for o in hooks() if o["kind"] in ("Role", "ClusterRole")):
        for rule in role["rules"]:
            assert not {"*", "create", "update", "escalate", "impersonate", "bind", "deletecollection"} & set(rule["verbs"]), rule
            assert "secrets" not in rule["resources"] and rule.get("resourceNames") or set(rule["resources"]) <= bounded, rule
    policy = base[("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "", "errand-uninstall-limits")]["spec"]
    assert policy["matchConditions"][0]["expression"] == "request.userInfo.username == 'system:serviceaccount:errand-system:errand-uninstall'"


def test_the_hook_s_pod_is_confined():
    spec = next(o for o in hooks() if o["kind"] == "Job")["spec"]["template"]["spec"]
    operator = chart()[("apps/v1", "Deployment", "errand-system", "errand-operator")]["spec"]["template"]["spec"]
    assert spec["automountServiceAccountToken"] is False and spec["serviceAccountName"] == "errand-uninstall"
    container, = spec["containers"]
    for field in ("image", "securityContext", "volumeMounts"):
        assert container[field] == operator["containers"][0][field]
    assert (spec["securityContext"], spec["volumes"]) == (operator["securityContext"], operator["volumes"])


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
    assert bound == {p["metadata"]["name"]: ["Deny"] for p in policies} | {"errand-exemption-warning": ["Warn"], "errand-not-enrolled": ["Warn"]}
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
         without(base, "Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy"))


def test_a_packaged_chart_holds_the_crds(tmp_path):
    helm("package", ROOT / "charts" / "errand", "--destination", tmp_path)
    packaged = chart(source=next(tmp_path.glob("errand-*.tgz")))
    for file in sorted((ROOT / "crds").glob("errand.dev_*.yaml")):
        crd = yaml.safe_load(file.read_text())
        key = (crd["apiVersion"], crd["kind"], "", crd["metadata"]["name"])
        assert packaged[key] == crd


def test_the_chart_lists_the_accounts_that_may_write_exemptions(base):
    key = ("v1", "ConfigMap", "errand-system", "errand-settings")
    accounts = ["flux-system/kustomize-controller", "argocd/argocd-application-controller"]
    rendered = chart("--set-json", f"policies.exemptionServiceAccounts={json.dumps(accounts)}")
    assert rendered[key]["data"]["exemption-service-accounts"] == "\n".join(accounts)
    assert base[key]["data"]["exemption-service-accounts"] == ""


def test_the_policies_the_webhook_and_the_scanner_are_told_the_same(base):
    rules = {"meshAudiences": ["mesh.example", "istio-ca"], "csiDrivers": ["nas.example.com"], "allowResourceClaims": True}
    rendered = chart("--set-json", f"rules={json.dumps(rules)}")
    flags = ["--mesh-audience=mesh.example", "--mesh-audience=istio-ca", "--csi-driver=nas.example.com", "--allow-resource-claims"]
    for name in ("errand-webhook", "errand-scanner"):
        container, = rendered[("apps/v1", "Deployment", "errand-system", name)]["spec"]["template"]["spec"]["containers"]
        assert container["args"][-len(flags):] == flags
    key = ("v1", "ConfigMap", "errand-system", "errand-settings")
    assert rendered[key]["data"]["mesh-audiences"].split("\n") == rules["meshAudiences"]
    assert base[key]["data"]["mesh-audiences"].split("\n") == ["istio-ca", "identity.l5d.io"]


def test_pod_security_is_a_value_of_the_chart_and_of_each_namespace():
    enforce, version = "pod-security.kubernetes.io/enforce", "pod-security.kubernetes.io/enforce-version"

    def labels(namespaces, *values):
        rendered = chart("--set-json", f"namespaces={json.dumps(namespaces)}", *values)
        return {key[3]: {k: v for k, v in o["metadata"]["labels"].items() if k.startswith("pod-")} for key, o in rendered.items()
                if key[1] == "Namespace"}

    two = [{"name": "a", "create": True}, {"name": "b", "create": True, "podSecurity": ""}, {"name": "c"}]
    assert labels(two) == {"a": {enforce: "baseline", version: "v1.37"}, "b": {}}
    assert labels(two, "--set", "podSecurity.enforce=") == {"a": {}, "b": {}}
    two[1]["podSecurity"] = "restricted"
    assert labels(two, "--set", "podSecurity.version=latest") == {"a": {enforce: "baseline", version: "latest"},
                                                                  "b": {enforce: "restricted", version: "latest"}}


def test_the_chart_can_leave_the_crds_out():
    kinds = {key[1] for key in chart("--set", "crds.install=false")}
    assert "Deployment" in kinds and "CustomResourceDefinition" not in kinds


def ingress(objects, labels):
    """{port: peers, or None for everybody} of the pods with these labels; None where no NetworkPolicy selects them."""
    found, selected = {}, False
    for policy in objects.values():
        if policy["kind"] != "NetworkPolicy" or not set(policy["spec"]["podSelector"]["matchLabels"].items()) <= set(labels.items()):
            continue
        left_out = policy["spec"]["podSelector"].get("matchExpressions", [])
        assert all(one["operator"] == "NotIn" for one in left_out)
        if any(labels.get(one["key"]) in one["values"] for one in left_out):
            continue
        selected = True
        for rule in policy["spec"].get("ingress", []):
            found |= {port["port"]: rule.get("from") for port in rule["ports"]}
    return found if selected else None


@pytest.mark.parametrize("name", ["errand-operator", "errand-scanner", "errand-webhook"])
def test_every_port_has_a_network_policy(base, name):
    template = base[("apps/v1", "Deployment", "errand-system", name)]["spec"]["template"]
    ports = {port["containerPort"] for port in template["spec"]["containers"][0]["ports"]}
    let_in = ingress(base, template["metadata"]["labels"])
    assert set(let_in) == ports
    assert let_in[8081] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]


def test_nobody_reaches_the_cainjector_s_pod(base):
    assert ingress(base, base[("apps/v1", "Deployment", "errand-system", "errand-cainjector")]["spec"]["template"]["metadata"]["labels"]) == {}


def test_the_chart_bounds_who_reaches_the_ports():
    peers = [{"ipBlock": {"cidr": "10.0.0.0/28"}}]
    objects = chart("--set-json", f"networkPolicies.apiServersFrom={json.dumps(peers)}", "--set-json", "networkPolicies.metricsFrom=[]")
    labels = objects[("apps/v1", "Deployment", "errand-system", "errand-webhook")]["spec"]["template"]["metadata"]["labels"]
    assert ingress(objects, labels) == {9443: peers}
    assert not [key for key in chart("--set", "networkPolicies.enabled=false") if key[1] == "NetworkPolicy"]


def test_an_enrolled_namespace_does_not_reach_the_nodes_metadata_service():
    key = ("networking.k8s.io/v1", "NetworkPolicy", "agents", "errand-metadata-service")
    spec = chart("--set-json", f"namespaces={json.dumps(AGENTS)}")[key]["spec"]
    assert spec["podSelector"] == {} and spec["policyTypes"] == ["Egress"]
    blocks = [peer["ipBlock"] for rule in spec["egress"] for peer in rule["to"] if "ipBlock" in peer]
    assert blocks == [{"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]},
                      {"cidr": "::/0", "except": ["fd00:ec2::254/128"]}]
    assert key not in chart("--set-json", f"namespaces={json.dumps(AGENTS)}", "--set", "closeMetadataService=false")


def test_egress_policies_of_a_namespace_that_exists_are_widened_only_where_it_asks_for_it():
    key = ("networking.k8s.io/v1", "NetworkPolicy", "agents", "errand-metadata-service")
    existing = {**AGENTS[0], "create": False}
    assert key not in chart("--set-json", f"namespaces={json.dumps([existing])}")
    assert key in chart("--set-json", f"namespaces={json.dumps([{**existing, 'closeMetadataService': True}])}")
    assert key not in chart("--set-json", f"namespaces={json.dumps([{**AGENTS[0], 'closeMetadataService': False}])}")


def test_the_chart_serves_api_servers_alone():
    key = ("apps/v1", "Deployment", "errand-system", "errand-webhook")
    spec = chart("--set", "webhook.clientCaConfigMap=api-servers,webhook.clientName=apiserver")[key]["spec"]["template"]["spec"]
    container, = spec["containers"]
    assert {"--client-ca-file=/client-ca/ca.crt", "--client-name=apiserver"} <= set(container["args"])
    assert {"name": "client-ca", "mountPath": "/client-ca", "readOnly": True} in container["volumeMounts"]
    assert {"name": "client-ca", "configMap": {"name": "api-servers"}} in spec["volumes"]


@pytest.mark.parametrize("wrong, field", [
    ("webhook.clientCaConfigMap=api-servers", "clientName"),
    ("webhook.clientName=apiserver", "clientName"),
    ("webhok.replicas=3", "webhok"),
    ("webhook.replicas=0", "replicas"),
    ("image.digest=latest", "digest"),
    ("policies.exemptionServiceAccounts={flux}", "exemptionServiceAccounts/0"),
    ("uninstall.timeout=soon", "uninstall/timeout"),
    ("namespaces[0].name=errand-system", "namespaces/0/name"),
    ("namespaces[0].name=agents,namespaces[0].podSecurity=strict", "namespaces/0/podSecurity"),
    ("podSecurity.enforce=none", "podSecurity/enforce"),
    ("rules.meshAudiences={}", "rules/meshAudiences"),
    ("rules.meshAudiences={a b}", "rules/meshAudiences/0"),
    ("namespaces[0].name=agents,namespaces[0].roles={*}", "namespaces/0/roles/0"),
])
def test_wrong_values_are_refused_by_name(wrong, field):
    done = helm("template", "errand", ROOT / "charts" / "errand", "--set", wrong, check=False)
    assert done.returncode != 0
    assert field in done.stderr


@pytest.mark.parametrize("account", ["errand-cainjector", "errand-operator", "errand-probe", "errand-scanner", "errand-webhook"])
def test_no_account_can_raise_itself(base, account):
    for _, rule in rules(base, account):
        assert not {"*", "escalate", "impersonate", "bind", "deletecollection"} & set(rule["verbs"]), rule
        assert "*" not in rule["resources"] + rule["apiGroups"], rule


def test_the_operator_writes_nothing_cluster_wide_but_its_own_kinds(base):
    for scope, rule in rules(base, "errand-operator"):
        if scope == "errand-system":
            # Its own Lease: creation cannot be limited to a name.
            # Since when the policies hold (creation cannot be limited to a name), and whom it tries that as.
            if rule["resources"] == ["configmaps"]:
                assert rule["verbs"] == ["create"] or rule["resourceNames"] == ["errand-guards"], rule
                continue
            if rule["resources"] == ["serviceaccounts/token"]:
                assert rule["resourceNames"] == ["errand-probe"] and rule["verbs"] == ["create"], rule
                continue
            assert rule["resources"] == ["leases"], rule
            assert rule["verbs"] == ["create"] or rule["resourceNames"] == ["errand-operator"], rule
            continue
        assert scope == ""
        assert not {"secrets", "serviceaccounts", "serviceaccounts/token", "pods", "rolebindings",
                    "roles"} & set(rule["resources"]), rule
        if rule["apiGroups"] == ["admissionregistration.k8s.io"] and rule["verbs"] != ["list"]:
            assert rule["resourceNames"] == ["errand"] and rule["verbs"] == ["get"], rule
        elif rule["resources"] == ["namespaces"]:
            assert set(rule["verbs"]) <= READ | {"patch"}, rule  # test_policies: the annotation enforced-since alone
        elif rule["apiGroups"] != ["errand.dev"]:
            asks = set(rule["resources"]) <= {"tokenreviews", "subjectaccessreviews"} and rule["verbs"] == ["create"]
            assert asks or set(rule["verbs"]) <= READ, rule


def test_the_cainjector_reaches_named_objects_alone(base):
    named = {(scope, resource, name): rule["verbs"] for scope, rule in rules(base, "errand-cainjector")
             for resource in rule["resources"] for name in rule["resourceNames"]}
    assert named == {key: ["get", "patch"] for key in (
        ("", "mutatingwebhookconfigurations", "errand"), ("", "validatingwebhookconfigurations", "errand"),
        ("errand-system", "secrets", "errand-webhook-ca"), ("errand-system", "secrets", "errand-webhook-tls"),
        ("errand-system", "leases", "errand-cainjector"))}


@pytest.mark.parametrize("values", ["webhook.certManager.enabled=true", "webhook.caBundle=eA=="])
def test_the_cainjector_is_left_out_where_others_see_to_certificates(base, values):
    named = {(key[1], key[3]) for key in base if key[3] == "errand-cainjector"}
    assert named == {(kind, "errand-cainjector") for kind in ("ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding",
                                                             "Lease", "Deployment", "NetworkPolicy")}
    left = {(key[1], key[3]) for key in set(base) - set(chart("--set", values)) - {NAMESPACE}}
    assert left == named | {("Secret", "errand-webhook-ca"), ("Secret", "errand-webhook-tls")}


def test_the_cainjector_listens_on_loopback_and_is_probed_by_its_binary(base):
    container, = base[("apps/v1", "Deployment", "errand-system", "errand-cainjector")]["spec"]["template"]["spec"]["containers"]
    assert "--health-listen=127.0.0.1:8081" in container["args"] and "ports" not in container
    for probe, endpoint in (("livenessProbe", "healthz"), ("readinessProbe", "readyz")):
        assert container[probe]["exec"]["command"] == container["command"] + [f"--check={endpoint}"]


def test_the_webhook_writes_nothing_and_reads_no_secret(base):
    for _, rule in rules(base, "errand-webhook"):
        asks = rule["resources"] == ["subjectaccessreviews"] and rule["verbs"] == ["create"]
        assert asks or set(rule["verbs"]) <= READ, rule
        assert not [r for r in rule["resources"] if r.startswith(("secrets", "serviceaccounts", "configmaps"))], rule


def test_what_the_probe_s_account_may_try_it_may_not_do(base):
    for scope, rule in rules(base, "errand-probe"):
        assert scope == "errand-system" or rule == {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["patch"],
                                                    "resourceNames": ["errand-system"]}, rule
        assert rule["verbs"] in (["create"], ["patch"]), rule
    policy = base[("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "", "errand-probe")]["spec"]
    assert policy["matchConstraints"]["resourceRules"] == [
        {"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"], "operations": ["CREATE", "UPDATE", "DELETE", "CONNECT"]}]
    assert [v["expression"] for v in policy["validations"]] == ["request.?dryRun.orValue(false)"]


def test_the_scanner_lists_what_is_no_secret_and_writes_events_alone(base):
    for _, rule in rules(base, "errand-scanner"):
        if rule["resources"] == ["events"]:
            assert rule["verbs"] == ["create", "patch"], rule
            continue
        assert rule["verbs"] == ["list"], rule
        assert not [r for r in rule["resources"] if r == "secrets" or "/" in r], rule


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


@pytest.mark.parametrize("name", ["errand-cainjector", "errand-operator", "errand-scanner", "errand-webhook"])
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


def test_no_namespace_is_passed_over_by_the_form_of_a_user_s_name(base):
    """Whoever may make a ServiceAccount in kube-system would be one of the cluster's controllers."""
    texts = [(o["metadata"]["name"], c["expression"]) for o in base.values()
             for part in (o.get("spec", {}), *o.get("webhooks", [])) if isinstance(part, dict)
             for c in part.get("matchConditions", []) + part.get("validations", []) + part.get("variables", [])]
    assert len(texts) > 40
    assert not [text for text in texts if re.search(r"kube-system:['^\[.]", text[1])]


@pytest.mark.parametrize("kind", ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"])
def test_the_webhook_never_blocks_its_own_repair(base, kind):
    for webhook in base[("admissionregistration.k8s.io/v1", kind, "", "errand")]["webhooks"]:
        assert webhook["failurePolicy"] == "Fail" and webhook["sideEffects"] == "None"
        assert webhook["timeoutSeconds"] <= 5
        spared = [e for e in webhook["namespaceSelector"]["matchExpressions"] if e["operator"] == "NotIn"]
        assert spared == [{"key": "kubernetes.io/metadata.name", "operator": "NotIn",
                           "values": ["kube-system", "errand-system"]}]
