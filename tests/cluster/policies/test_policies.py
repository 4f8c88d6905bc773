"""The ValidatingAdmissionPolicies, on a real API server: what holds while the webhook is away."""
import pathlib
import uuid

import pytest
import yaml
from support import agents
from support.kinds import collection
from support.kube import MERGE, ApiError, Kube, eventually
from support.processes import ROOT, SYSTEM
from support.users import HOME, RBAC, operators_hand, passing_hand, rule, user

CASES = ROOT / "tests" / "rules"
GRANTS = "errand-g.0123456789abcdef0123"
BORROWED = f"system:serviceaccount:agents:{GRANTS}"

pytestmark = pytest.mark.usefixtures("operator", "webhook")


def client(kube: Kube, namespace: str, user: str) -> Kube:
    """`mallory` may enter pods as far as RBAC goes; `debugger` may debug agents besides."""
    if user == "admin":
        return kube
    if user == "operator":
        return operators_hand(kube)
    if user == "borrowed":
        return kube.as_user(BORROWED, "system:masters")
    if user == "kubelet":  # by its group alone: NodeRestriction would answer a node first
        return kube.as_user("kubelet", "system:nodes", "system:masters")
    rules = [{"apiGroups": [""], "resources": [f"pods/{s}" for s in ("exec", "attach", "portforward", "proxy")]
              + ["services/proxy"], "verbs": ["*"]}]
    if user == "debugger":
        rules.append({"apiGroups": ["errand.dev"], "resources": ["agentidentities"], "verbs": ["debug"]})
    kube.create({**agents.role(namespace, user), "rules": rules})
    kube.create({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
                 "metadata": {"name": user, "namespace": namespace},
                 "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": user},
                 "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}]})
    return kube.as_user(user)


def attempts(kind: str) -> list:
    return [pytest.param(path, id=f"{path.parts[-3]}-{path.stem}") for path in sorted(CASES.glob(f"*/{kind}/*.yaml"))
            if "kind: Attempt" in path.read_text()]


def attempt(kube: Kube, namespace: str, path: pathlib.Path) -> tuple[int, str]:
    """The status code and message with which the API server answers the case's request, once the authorizer lets it pass:
    that may not know yet of the role or its binding."""
    case = yaml.safe_load(path.read_text())
    for given in case.get("given", []):
        owner = "operator" if given["metadata"]["name"].startswith("errand-") else "admin"
        client(kube, namespace, owner).create(given, namespace)
    url, _, query = case["path"].format(ns=namespace).partition("?")
    media = MERGE if case["method"] == "PATCH" else "application/json"
    user = client(kube, namespace, case["user"])

    def answer() -> tuple[int, str] | None:
        status, body = user.raw(case["method"], url, case.get("body"), media, **dict(p.split("=") for p in query.split("&") if p))
        message = body.get("message", "") if isinstance(body, dict) else body
        return None if by_rbac(message) else (status, message)

    return eventually(answer, what=f"the role of {case['user']} is known")


def by_rbac(message: str) -> bool:
    return "RBAC: " in message or ('" cannot ' in message and "in API group" in message)


@pytest.mark.parametrize("path", attempts("deny"))
def test_a_policy_refuses(kube, namespace, path):
    status, message = attempt(kube, namespace, path)
    assert status in (403, 422), message
    assert path.read_text().splitlines()[0].removeprefix("# ") in message


@pytest.mark.parametrize("path", attempts("allow"))
def test_a_policy_allows(kube, namespace, path):
    status, message = attempt(kube, namespace, path)
    assert "[SC" not in message and status != 403, message


def refused(call) -> str:
    with pytest.raises(ApiError) as error:
        call()
    assert error.value.status in (403, 422), error.value
    return error.value.message


def binding(subject: dict, role: str = "view", name: str = "standing") -> dict:
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}, "subjects": [subject]}


def test_no_cluster_role_is_bound_to_an_agent(kube):
    group = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:serviceaccounts"}
    user = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "system:serviceaccount:a:errand-a.bot.planner"}
    account = {"kind": "ServiceAccount", "name": "errand-g.0123", "namespace": "a"}
    everybody = {**group, "name": "system:authenticated"}
    for subject in (group, everybody, user, account):
        assert "[SC301]" in refused(lambda s=subject: kube.create(binding(s), dry_run=True))
    # Each that this API server itself binds to everybody.
    own = [b for b in kube.list("ClusterRoleBinding") if any(s.get("name") in ("system:authenticated", "system:serviceaccounts")
                                                              for s in b.get("subjects", []))]
    assert len(own) >= 4
    for name in {b["roleRef"]["name"] for b in own}:
        kube.create(binding(group, name), dry_run=True)
    kube.create(binding({**account, "name": "web"}), dry_run=True)


def test_a_namespace_is_weakened_by_who_is_exempt_alone(kube, namespace):
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "labeller-" + namespace},
            "rules": [rule("", "namespaces namespaces/status namespaces/finalize", "get patch update delete")]}
    named = role["metadata"]["name"]
    bound = binding({"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "labeller"}, named, named)
    kube.create(role)
    kube.create(bound)
    labeller = kube.as_user("labeller")
    eventually(lambda: labeller.find("Namespace", namespace), what="the labeller may read namespaces")
    without = {"annotations": {"errand.dev/enforced-since": None}}
    weaken = {"metadata": {"labels": {"errand.dev/enforce": "warn"}, **without}}
    remove = {"metadata": {"labels": {"errand.dev/enforce": None}, **without}}
    for patch in (weaken, remove):
        for by in (None, "status"):  # which keeps the labels that it is sent
            assert "verb exempt" in refused(lambda p=patch, s=by: labeller.patch("Namespace", namespace, None, p, s))
    for mode in ("warn", ""):
        body = kube.get("Namespace", namespace)
        body["metadata"]["labels"]["errand.dev/enforce"] = mode
        body["metadata"].pop("annotations", None)
        assert "verb exempt" in refused(lambda b=body: labeller.replace(b, "finalize"))
    assert "verb exempt" in refused(lambda: labeller.delete("Namespace", namespace))
    for by in (None, "status"):
        labeller.patch("Namespace", namespace, None, {"metadata": {"labels": {f"more-{by}": "labels"}}}, by)
    assert labeller.replace(kube.get("Namespace", namespace), "finalize")["metadata"]["labels"]["errand.dev/enforce"] == "true"
    kube.patch("Namespace", namespace, None, weaken)
    labeller.patch("Namespace", namespace, None, {"metadata": {"labels": {"errand.dev/enforce": "true"}}})
    kube.delete("ClusterRoleBinding", named)


def test_what_lets_the_operator_end_grants_is_taken_by_who_is_exempt_alone(kube, namespace):
    mallory = user(kube, namespace, "mallory", rule(RBAC, "rolebindings", "get patch update delete deletecollection"),
                   rule(RBAC, "clusterroles", "bind", "errand-operator-namespace"))  # else RBAC lets nobody change the subjects
    for patch in ({"subjects": None}, {"subjects": []}, {"subjects": [{"apiGroup": RBAC, "kind": "User", "name": "nobody"}]}):
        assert "verb exempt" in refused(lambda p=patch: mallory.patch("RoleBinding", "errand-operator", namespace, p))
    assert "verb exempt" in refused(lambda: mallory.delete("RoleBinding", "errand-operator", namespace))
    status, said = mallory.raw("DELETE", collection("RoleBinding", namespace), fieldSelector="metadata.name=errand-operator")
    assert status == 403 and "verb exempt" in said["message"]
    assert kube.get("RoleBinding", "errand-operator", namespace)["subjects"]
    mallory.patch("RoleBinding", "errand-operator", namespace, {"metadata": {"labels": {"more": "labels"}}})
    named = "exempt-" + namespace
    kube.create({"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": named},
                 "rules": [rule("", "namespaces", "exempt", namespace)]})
    kube.create(binding({"kind": "ServiceAccount", "name": f"mallory-{namespace}", "namespace": HOME}, named, named))
    eventually(lambda: mallory.raw("DELETE", collection("RoleBinding", namespace, "errand-operator"))[0] == 200,
               what="who is exempt deletes it")


def test_the_operator_s_account_makes_nothing_else(kube, namespace):
    operator = operators_hand(kube)
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web"}}
    token = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
             "metadata": {"name": "errand-x", "annotations": {"kubernetes.io/service-account.name": "default"}}}
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web"}}
    annotated = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "errand-g.0", "annotations": {"a": "b"}}}
    for body in (secret, token, account, annotated):
        assert "the operator" in refused(lambda b=body: operator.create(b, namespace, dry_run=True))
    eventually(lambda: kube.find("ServiceAccount", "default", namespace), what="the default account")
    assert "the operator" in refused(lambda: operator.token_request("default", namespace))
    for subjects in ([{"kind": "ServiceAccount", "name": "web", "namespace": namespace}],
                     [{"kind": "ServiceAccount", "name": "errand-g.0", "namespace": "elsewhere"}], []):
        body = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "errand-g.0.1"},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"}, "subjects": subjects}
        assert "the operator" in refused(lambda b=body: operator.create(b, namespace, dry_run=True))
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [{"name": "a", "image": "a"}]}}
    assert "the operator" in refused(lambda: operator.create(pod, namespace, dry_run=True))
    kube.create(pod, namespace)
    image = [{"op": "replace", "path": "/spec/containers/0/image", "value": "b"}]
    assert "the operator" in refused(lambda: operator.patch("Pod", "web", namespace, image))


def labelled(name: str, **more) -> dict:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "labels": {"errand.dev/task-grant-uid": "gone"}}, **more}


def test_the_operator_s_account_leaves_no_account_or_token_that_outlives_a_grant(kube, namespace):
    """T28: no sweep finds an account of another name, and a token of a year goes on whatever is deleted later."""
    operator = operators_hand(kube)
    for name in ("errand-g.persist", "errand-g.0123456789abcdef012", GRANTS + "0", "errand-a.bot"):
        body = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}
        assert "the operator makes ServiceAccounts" in refused(lambda b=body: operator.create(b, namespace, dry_run=True)), name
    operator.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": GRANTS}}, namespace)
    slot = operator.create(labelled("errand-slot"), namespace)
    bound = {"kind": "Secret", "name": "errand-slot", "uid": slot["metadata"]["uid"]}
    assert operator.token_request(GRANTS, namespace) and operator.token_request(GRANTS, namespace, seconds=3600, bound=bound)
    for seconds, to in ((601, None), (3600, None), (365 * 24 * 3600, None), (3601, bound), (3607, bound), (365 * 24 * 3600, bound)):
        assert "the operator asks for tokens" in refused(lambda s=seconds, b=to: operator.token_request(GRANTS, namespace, seconds=s, bound=b))
    for name in ("persist", f"{GRANTS}.x", "errand-g.0000000000000000000f.0123456789"):
        body = {"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", "metadata": {"name": name},
                "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "reader"},
                "subjects": [{"kind": "ServiceAccount", "name": GRANTS, "namespace": namespace}]}
        assert "the operator names a RoleBinding" in refused(lambda b=body: operator.create(b, namespace, dry_run=True)), name
    for kind, name in (("Secret", "errand-slot"), ("ServiceAccount", GRANTS)):
        operator.delete(kind, name, namespace, missing_ok=True)  # a sweep of the operator may come first


def test_the_operator_s_account_deletes_only_what_is_of_grants(kube, namespace):
    """T29: RBAC lets it delete each Secret, account and RoleBinding of an enrolled namespace."""
    operator = operators_hand(kube)
    hand = passing_hand(kube)
    hand.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web"}}, namespace)
    hand.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "errand-mine"}}, namespace)
    hand.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web"}}, namespace)
    for kind, name in (("Secret", "web"), ("Secret", "errand-mine"), ("ServiceAccount", "web"), ("RoleBinding", "errand-operator")):
        assert "the operator" in refused(lambda k=kind, n=name: operator.delete(k, n, namespace)), name
        assert kube.find(kind, name, namespace)
    assert "the operator" in refused(lambda: operator.delete("Secret", "errand-webhook-ca", SYSTEM))
    assert "the operator" in refused(lambda: operator.patch("Secret", "errand-webhook-ca", SYSTEM, {"data": {"tls.key": "eA=="}}))


def test_the_operator_s_account_writes_nothing_that_is_not_of_grants(kube, namespace):
    """T27, and what else leads past a grant: our own kinds' spec, other kinds, another Lease."""
    operator = operators_hand(kube)
    for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"):
        assert "the operator writes objects of grants alone" in refused(
            lambda k=kind: operator.patch(k, "errand", None, {"metadata": {"labels": {"mine": "x"}}}))
    own = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "metadata": {"name": "mine"}}
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine", "namespace": namespace}}
    role = agents.role(namespace, "mine")
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "mine", "namespace": SYSTEM}}
    for body in (own, config_map, role, lease, agents.identity(namespace), agents.grant(namespace, "mine")):
        assert "the operator" in refused(lambda b=body: operator.create(b, dry_run=True)), body["kind"]
    agents.declare(kube, namespace)
    assert "changes no spec" in refused(lambda: operator.patch("AgentIdentity", "bot", namespace, {"spec": {"state": "Suspended"}}))
    assert "deletes TaskGrants alone" in refused(lambda: operator.delete("AgentIdentity", "bot", namespace))


def test_the_cainjector_s_account_changes_certificates_and_nothing_else(kube, namespace):
    """Taken over, it could make any webhook of the cluster: by its own token, and by its user with every right."""
    token = kube.with_token(kube.token_request("errand-cainjector", SYSTEM, seconds=3600))
    masters = kube.as_user("system:serviceaccount:errand-system:errand-cainjector", "system:masters")
    kind = "ValidatingWebhookConfiguration"
    webhooks = kube.get(kind, "errand")["webhooks"]
    for client in (token, masters):
        client.patch(kind, "errand", None, [{"op": "add", "path": "/webhooks/0/clientConfig/caBundle",
                                             "value": webhooks[0]["clientConfig"].get("caBundle", "")}])
        for change in ([{"op": "replace", "path": "/webhooks/0/clientConfig/url", "value": "https://127.0.0.1:1/x"}],
                       [{"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Ignore"}],
                       [{"op": "replace", "path": "/webhooks/0/name", "value": "mine.example.com"}],
                       [{"op": "add", "path": "/webhooks/0/timeoutSeconds", "value": 1}],
                       [{"op": "add", "path": "/webhooks/0/namespaceSelector", "value": {"matchLabels": {"a": "b"}}}],
                       [{"op": "remove", "path": "/webhooks/0/matchConditions"}] if "matchConditions" in webhooks[0]
                       else [{"op": "add", "path": "/webhooks/0/matchConditions", "value": [{"name": "never", "expression": "false"}]}],
                       [{"op": "remove", "path": "/webhooks/0"}],
                       [{"op": "add", "path": "/webhooks/-", "value": {**webhooks[0], "name": "mine.example.com"}}]):
            assert "errand-cainjector changes caBundle" in refused(lambda c=client, p=change: c.patch(kind, "errand", None, p)), change
        assert "changes no metadata" in refused(lambda c=client: c.patch(kind, "errand", None, {"metadata": {"labels": {"a": "b"}}}))
        assert "writes tls.crt and tls.key alone" in refused(
            lambda c=client: c.patch("Secret", "errand-webhook-tls", SYSTEM, {"data": {"other": "eA=="}}))
    assert kube.get(kind, "errand")["webhooks"] == webhooks
    own = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": "mine"}}
    for body in (own, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "mine", "namespace": SYSTEM}},
                 {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine", "namespace": namespace}}):
        assert "and nothing else" in refused(lambda b=body: masters.create(b, dry_run=True)), body["kind"]
        refused(lambda b=body: token.create(b, dry_run=True))
    assert "and nothing else" in refused(lambda: masters.delete(kind, "errand"))
    assert "and nothing else" in refused(lambda: masters.delete("ConfigMap", "kube-root-ca.crt", namespace))
    for name in ("errand-webhook-ca", "errand-webhook-tls"):
        assert token.get("Secret", name, SYSTEM)
    refused(lambda: token.list("Secret", SYSTEM))
    refused(lambda: token.get("ConfigMap", "errand-settings", SYSTEM))


def test_nobody_creates_a_grant_that_only_the_operator_could_let_go(kube):
    """In a namespace that takes no part, which the operator would watch for ever, without rights there."""
    ns = "t-" + uuid.uuid4().hex[:10]
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}})
    for finalizer in ("errand.dev/revoke", "example.com/mine"):
        body = agents.grant(ns, "stuck")
        body["metadata"]["finalizers"] = [finalizer]
        assert "[SC405]" in refused(lambda b=body: kube.create(b))
    kube.create(agents.grant(ns, "stuck"))
    kube.delete("TaskGrant", "stuck", ns)
    kube.wait_gone("TaskGrant", "stuck", ns)


def test_a_kubelet_gets_a_grants_token_for_ten_minutes_and_no_longer(kube, namespace):
    """Else an hour later a token would be valid of a grant whose end was proven by Expiry."""
    agents.declare(kube, namespace)
    kube.create(agents.grant(namespace, "task"))
    kube.create(agents.job(namespace, grant_name="task"))
    g = kube.wait_for("TaskGrant", "task", namespace, agents.in_phase("Active"), 60)
    pod = eventually(lambda: kube.list("Pod", namespace, labels="job-name=fix"))[0]
    pod = kube.wait_for("Pod", pod["metadata"]["name"], namespace, lambda p: p["spec"].get("nodeName"))
    kubelet = kube.as_user(f"system:node:{pod['spec']['nodeName']}", "system:nodes")
    bound = {"apiVersion": "v1", "kind": "Pod", "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
    for seconds in (601, 3600, 3607):
        said = refused(lambda s=seconds: kubelet.token_request(agents.account_of(g), namespace, seconds=s, bound=bound))
        assert "[SC501]" in said
    life = agents.claims(kubelet.token_request(agents.account_of(g), namespace, seconds=600, bound=bound))
    assert life["exp"] - life["iat"] == 600


def test_a_grant_is_served_with_every_policy_in_force(kube, namespace):
    """The kubelet's own token request for a pod of a grant passes, and the operator does all that it must."""
    kube.create(agents.role(namespace))
    kube.create(agents.identity(namespace))
    kube.create(agents.grant(namespace, "task"))
    kube.create(agents.job(namespace, grant_name="task", ends="1s"))
    kube.wait_for("TaskGrant", "task", namespace, agents.in_phase("Completed"), 60)
