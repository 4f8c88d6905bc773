"""What the policies hold by themselves: neither the operator nor the webhook runs in this cluster."""
import uuid

import pytest
from support.cluster import Cluster
from support.crdcases import EXEMPTION, edited
from support.kinds import collection
from support.kube import ApiError, Kube, eventually
from support.processes import SYSTEM, Installation
from support.users import HOME, RBAC, operators_hand, passing_hand, rule, user

SINCE = "errand.dev/enforced-since"
ENFORCE = "errand.dev/enforce"
GRANTS, BASE = "errand-g.0123456789abcdef0123", "errand-a.bot.fixer"
FORGED = {"name": "forged", "annotations": {SINCE: "2020-01-01T00:00:00Z"}}


@pytest.fixture(scope="module", name="kube")
def fixture_kube():
    """A cluster in which somebody had prepared a namespace before the policies were installed."""
    with Cluster.start() as cluster:
        cluster.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": FORGED})
        Installation(cluster).install()
        yield cluster.kube


def made(kube: Kube, mode: str | None = None) -> str:
    """The name of a fresh namespace, with the label errand.dev/enforce where there is a mode."""
    name = "t-" + uuid.uuid4().hex[:10]
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {ENFORCE: mode} if mode else {}}})
    return name


def enrol(kube: Kube, ns: str, mode: str | None) -> None:
    """After what the webhook would be asked about, which is not there."""
    kube.patch("Namespace", ns, None, {"metadata": {"labels": {ENFORCE: mode}}})


def everywhere(kube: Kube, name: str, account: str, *rules: dict) -> None:
    """Lets an account of HOME do in the whole cluster what the rules say."""
    subject = {"kind": "ServiceAccount", "name": account, "namespace": HOME}
    kube.create({"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": list(rules)})
    kube.create({"apiVersion": f"{RBAC}/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name}, "subjects": [subject],
                 "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": name}})


def refused(call, *words: str) -> bool:
    """AssertionError where the call is not refused, or with other words."""
    with pytest.raises(ApiError) as error:
        call()
    assert error.value.status in (403, 422), error.value
    for word in words:
        assert word in error.value.message, error.value.message
    return True


def account(name: str, **more) -> dict:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}, **more}


def token_secret(of: str, name: str = "ci") -> dict:
    return {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
            "metadata": {"name": name, "annotations": {"kubernetes.io/service-account.name": of}}}


def binding(name: str) -> dict:
    return {"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", "metadata": {"name": name},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"},
            "subjects": [{"apiGroup": RBAC, "kind": "User", "name": "alice"}]}


def test_agents_believe_the_api_server_by_a_configmap_that_developers_leave_alone(kube):
    ns, name = made(kube), "kube-root-ca.crt"
    editor = user(kube, ns, "editor", rule("", "configmaps", "get create update patch delete"))
    enrol(kube, ns, "true")
    before = eventually(lambda: kube.find("ConfigMap", name, ns), what="the cluster has written it")
    false = {"data": {"ca.crt": "mine"}}
    for call in (lambda: editor.patch("ConfigMap", name, ns, false), lambda: editor.delete("ConfigMap", name, ns)):
        refused(call, "agents believe the API server by this ConfigMap")
    assert kube.get("ConfigMap", name, ns)["data"] == before["data"]
    other = made(kube)
    elsewhere = user(kube, other, "editor", rule("", "configmaps", "get patch"))
    eventually(lambda: kube.find("ConfigMap", name, other), what="the cluster has written it")
    elsewhere.patch("ConfigMap", name, other, {"metadata": {"labels": {"a": "b"}}})


# Accounts, bindings and tokens of agents.

@pytest.fixture(scope="module", name="editors")
def fixture_editors(kube):
    """By mode, a namespace and a client of a developer with the right to edit it."""
    rights = [rule("", "serviceaccounts secrets", "get create update patch delete"), rule("", "serviceaccounts/token", "create"),
              rule(RBAC, "rolebindings", "get create update patch delete"), rule(RBAC, "clusterroles", "bind", "view")]
    out = {}
    for mode in (None, "true", "warn", "audit"):
        ns = made(kube)
        out[mode] = ns, user(kube, ns, "editor", *rights)
        enrol(kube, ns, mode)
    return out


@pytest.mark.parametrize("mode", [None, "true", "warn", "audit"])
def test_nobody_makes_an_account_a_binding_or_a_token_of_an_agent(editors, mode):
    ns, editor = editors[mode]
    generated = {**account(""), "metadata": {"generateName": "errand-g.0123"}}
    for body in (account(GRANTS), account("errand-g.web"), account(BASE), generated, binding(f"{GRANTS}.x"), binding(BASE),
                 token_secret(GRANTS), token_secret(BASE, "errand-mine")):
        refused(lambda b=body: editor.create(b, ns), "[SC404]", "operator's alone")


@pytest.mark.parametrize("mode", [None, "true", "warn", "audit"])
def test_nobody_changes_or_deletes_one_or_mints_for_it(kube, editors, mode):
    ns, editor = editors[mode]
    hand = passing_hand(kube)
    for name in (GRANTS, BASE):
        hand.create(account(name), ns)
        hand.create(binding(name), ns)
        hand.create(token_secret(name, f"of-{name}"), ns)
        for patch in ({"metadata": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/admin"}}},
                      {"metadata": {"labels": {"errand.dev/task-grant": "x"}}}, {"secrets": [{"name": "ci"}]}):
            refused(lambda p=patch, n=name: editor.patch("ServiceAccount", n, ns, p), "[SC404]")
        refused(lambda n=name: editor.patch("RoleBinding", n, ns, {"subjects": None}), "[SC404]")
        of_another = {"metadata": {"annotations": {"kubernetes.io/service-account.name": "default"}}}
        refused(lambda n=name, p=of_another: editor.patch("Secret", f"of-{n}", ns, p), "[SC404]")
        for kind, of in (("ServiceAccount", name), ("RoleBinding", name), ("Secret", f"of-{name}")):
            refused(lambda k=kind, o=of: editor.delete(k, o, ns), "[SC404]")
        refused(lambda n=name: editor.token_request(n, ns, seconds=3600), "[SC501]")


def test_other_names_are_anybodys_where_nothing_is_enrolled(kube, editors):
    ns, editor = editors[None]
    for body in (account("errand-gx"), account("web", secrets=[{"name": "ci"}]), binding("errand-viewers"), token_secret("web", "of-web"),
                 {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "errand-mine"}}):
        editor.create(body, ns)
    editor.delete("Secret", "errand-mine", ns)
    # Our own Secrets are there, and what repairs a cluster is not held up.
    kube.patch("Secret", "errand-webhook-tls", SYSTEM, {"metadata": {"labels": {"more": "labels"}}})
    kube.create(account(GRANTS), "kube-system", dry_run=True)
    refused(lambda: kube.create(account(GRANTS), SYSTEM, dry_run=True), "[SC404]")


def test_the_clusters_own_controllers_take_them_away(kube):
    ns, hand = made(kube, "true"), passing_hand(kube)
    hand.create(account(GRANTS), ns)
    hand.create(token_secret(GRANTS), ns)
    kube.wait_for("Secret", "ci", ns, lambda s: s.get("data", {}).get("token"))
    hand.delete("ServiceAccount", GRANTS, ns)
    kube.wait_gone("Secret", "ci", ns, 30)
    hand.create(account(BASE), ns)
    kube.delete("Namespace", ns)
    kube.wait_gone("Namespace", ns, None, 40)


# Since when a namespace is enforced.

BOTH = {"metadata": {"labels": {ENFORCE: None}, "annotations": {SINCE: None}}}
NOW, LATER = "2026-11-29T12:00:00Z", "2026-11-29T13:00:00Z"


def since(value: str | None) -> dict:
    return {"metadata": {"annotations": {SINCE: value}}}


@pytest.fixture(name="enforced")
def fixture_enforced(kube):
    """A namespace with the label, and the annotation that the operator gave it."""
    ns = made(kube, "true")
    operators_hand(kube).patch("Namespace", ns, None, since(NOW))
    return ns


@pytest.fixture(scope="module", name="admin")
def fixture_admin(kube):
    """A client of an account that may do everything but be the operator."""
    client = user(kube, HOME, "admin")
    everywhere(kube, "admin-of-all", f"admin-{HOME}", rule("*", "*", "*"))
    eventually(lambda: client.list("Namespace"), what="it may do everything")
    return client


def changed(kube: Kube, ns: str, label: str | None, value: str | None) -> dict:
    """The namespace as it is, with another label and annotation."""
    body = kube.get("Namespace", ns)
    body["metadata"]["labels"].pop(ENFORCE, None)
    body["metadata"]["labels"] |= {ENFORCE: label} if label else {}
    body["metadata"]["annotations"] = {SINCE: value} if value else {}
    return body


def test_the_operator_alone_says_since_when(kube, admin, enforced):
    alone = "enforced-since is written by the operator alone"
    refused(lambda: admin.patch("Namespace", enforced, None, since(LATER)), alone)
    for subresource in (None, "status", "finalize"):
        refused(lambda s=subresource: admin.replace(changed(kube, enforced, "true", LATER), s), alone)
    bare = made(kube, "true")
    refused(lambda: admin.patch("Namespace", bare, None, since(NOW)), alone)
    for labels in ({}, {ENFORCE: "true"}):
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "brought", "labels": labels, "annotations": {SINCE: NOW}}}
        refused(lambda b=body: admin.create(b), "enforced-since")
    admin.patch("Namespace", enforced, None, {"metadata": {"labels": {"team": "a"}, "annotations": {"note": "b"}}})
    operators_hand(kube).patch("Namespace", enforced, None, since(LATER))
    assert kube.get("Namespace", enforced)["metadata"]["annotations"] == {SINCE: LATER, "note": "b"}


def test_it_is_not_removed_alone(kube, admin, enforced):
    refused(lambda: admin.patch("Namespace", enforced, None, since(None)), "removed together with the label")
    for subresource in (None, "status", "finalize"):
        refused(lambda s=subresource: admin.replace(changed(kube, enforced, "true", None), s), "removed together with the label")
    assert kube.get("Namespace", enforced)["metadata"]["annotations"] == {SINCE: NOW}


@pytest.mark.parametrize("label", [None, "warn", "audit", "false"])
def test_who_takes_the_label_off_takes_it_along(kube, admin, enforced, label):
    words = "enforced-since stays only while the label errand.dev/enforce", "take off both in one write"
    for by in (admin, kube, kube.as_user("system:serviceaccount:kube-system:namespace-controller", "system:masters")):
        refused(lambda b=by: b.patch("Namespace", enforced, None, {"metadata": {"labels": {ENFORCE: label}}}), *words)
    for subresource in (None, "status", "finalize"):
        refused(lambda s=subresource: admin.replace(changed(kube, enforced, label, NOW), s), *words)
    refused(lambda: operators_hand(kube).patch("Namespace", enforced, None, {"metadata": {"labels": {ENFORCE: label}}}))
    admin.patch("Namespace", enforced, None, {"metadata": {"labels": {ENFORCE: label}, "annotations": {SINCE: None}}})
    assert SINCE not in kube.get("Namespace", enforced)["metadata"].get("annotations", {})
    refused(lambda: admin.patch("Namespace", enforced, None, {"metadata": {"labels": {ENFORCE: "true"}, **since(NOW)["metadata"]}}),
            "enforced-since is written by the operator alone")
    admin.patch("Namespace", enforced, None, {"metadata": {"labels": {ENFORCE: "true"}}})


def test_the_command_of_the_message_takes_both_off(kube, enforced):
    with pytest.raises(ApiError) as error:
        kube.patch("Namespace", enforced, None, {"metadata": {"labels": {ENFORCE: None}}})
    patch = error.value.message.partition("--type=merge -p '")[2].partition("'")[0]
    kube.kubectl("patch", "namespace", enforced, "--type=merge", "-p", patch)
    meta = kube.get("Namespace", enforced)["metadata"]
    assert ENFORCE not in meta["labels"] and SINCE not in meta.get("annotations", {})


def test_one_from_before_the_installation_is_not_carried_into_enforcement(kube, admin):
    name = FORGED["name"]
    refused(lambda: admin.patch("Namespace", name, None, {"metadata": {"labels": {ENFORCE: "true"}}}),
            "enforced-since is written by the operator alone")
    refused(lambda: admin.patch("Namespace", name, None, {"metadata": {"labels": {"team": "a"}}}), "take off both")
    kube.delete("Namespace", name)
    kube.wait_gone("Namespace", name, None, 40)


def test_a_namespace_that_has_it_can_be_deleted(kube, enforced):
    kube.delete("Namespace", enforced)
    kube.wait_gone("Namespace", enforced, None, 40)


def test_the_operators_right_to_patch_namespaces_is_for_this_annotation_alone(kube, enforced):
    operator = kube.with_token(kube.token_request("errand-operator", SYSTEM, seconds=3600))
    operator.patch("Namespace", enforced, None, since(LATER))
    operator.patch("Namespace", enforced, None, since(None))
    operator.patch("Namespace", enforced, None, since(NOW))
    alone = "the operator writes the annotation errand.dev/enforced-since of namespaces"
    kube.patch("Namespace", enforced, None, {"metadata": {"annotations": {"note": "b"}, "finalizers": ["example.com/x"]}})
    for metadata in ({"labels": {"team": "a"}}, {"labels": {"pod-security.kubernetes.io/enforce": "privileged"}},
                     {"annotations": {"scheduler.alpha.kubernetes.io/node-selector": "a=b"}}, {"annotations": {"note": "c"}},
                     {"annotations": {"note": None}}, {"finalizers": None},
                     {"ownerReferences": [{"apiVersion": "v1", "kind": "Namespace", "name": "default", "uid": "1"}]}):
        refused(lambda m=metadata: operator.patch("Namespace", enforced, None, {"metadata": m}), alone)
    # RBAC gives it neither of these; its user is held to the annotation whatever RBAC gives.
    masters = operators_hand(kube)
    refused(lambda: masters.patch("Namespace", "kube-system", None, {"metadata": {"labels": {ENFORCE: "true"}, **since(NOW)["metadata"]}}), alone)
    refused(lambda: masters.replace(changed(kube, enforced, "true", LATER), "finalize"), alone)
    refused(lambda: masters.delete("Namespace", enforced), alone)
    kube.patch("Namespace", enforced, None, {"metadata": {"finalizers": None}})


# Suspension.

def test_a_suspended_namespace_takes_no_write_of_a_grants_account(kube):
    ns, operator, name = made(kube), operators_hand(kube), GRANTS
    kube.create({"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": {"name": "worker", "namespace": ns},
                 "rules": [rule("coordination.k8s.io", "leases", "*"), rule("", "pods/exec", "*"), rule("errand.dev", "agentidentities", "debug")]})
    enrol(kube, ns, "true")
    operator.create(account(name, automountServiceAccountToken=False), ns)
    operator.create({"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", "metadata": {"name": f"{name}.0123456789"},
                     "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "worker"},
                     "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": ns}]}, ns)
    agent = kube.with_token(operator.token_request(name, ns))

    def lease(of: str) -> dict:
        return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": of, "namespace": ns}}

    def enters() -> tuple[int, str]:
        status, answer = agent.raw("GET", collection("Pod", ns, "none", "exec"), command="id", stdout="true")
        return status, answer["message"] if isinstance(answer, dict) else answer

    eventually(lambda: agent.create(lease("before")), what="the role is known")
    assert enters()[0] == 404, "let pass, and there is no such pod"

    kube.patch("Namespace", ns, None, {"metadata": {"labels": {"errand.dev/suspended": "true"}}})
    words = "this namespace is suspended", "errand.dev/suspended"
    eventually(lambda: refused(lambda: agent.create(lease("after"), dry_run=True), *words), what="the policy knows of the label")
    refused(lambda: agent.create(lease("after")), *words)
    refused(lambda: agent.patch("Lease", "before", ns, {"spec": {"holderIdentity": "x"}}), *words)
    refused(lambda: agent.delete("Lease", "before", ns), *words)
    status, said = agent.raw("DELETE", collection("Lease", ns))
    assert status == 403 and words[0] in said["message"]
    status, said = enters()
    assert status == 403 and words[0] in said
    assert [o["metadata"]["name"] for o in agent.list("Lease", ns)] == ["before"], "reads go on"
    kube.patch("Lease", "before", ns, {"spec": {"holderIdentity": "people go on"}})

    kube.patch("Namespace", ns, None, {"metadata": {"labels": {"errand.dev/suspended": None}}})
    eventually(lambda: agent.delete("Lease", "before", ns) is None, what="the policy knows that it is over")


# Exemptions by ServiceAccounts.

def settings(kube: Kube, accounts: str) -> None:
    kube.patch("ConfigMap", "errand-settings", SYSTEM, {"data": {"exemption-service-accounts": accounts}})


def test_an_account_writes_exemptions_where_the_settings_name_it_alone(kube, admin):
    ns = made(kube, "true")
    body = edited(EXEMPTION, [("metadata/namespace", ns)])
    longer = {"spec": {"reason": "as long as possible"}}
    words = "ServiceAccount that the settings name. Fix: ", "exemption-service-accounts in the ConfigMap errand-settings of namespace errand-system"
    refused(lambda: admin.create(body), *words)
    for listed in (f"{HOME}/admin", f"{HOME}:admin-{HOME}", f"system:serviceaccount:{HOME}:admin-{HOME}", f"{HOME}/admin-{HOME}x", "*"):
        settings(kube, listed)
        refused(lambda: admin.create(body), *words)
    kube.create(body)  # a person
    refused(lambda: admin.patch("Exemption", body["metadata"]["name"], ns, longer), *words)
    admin.patch("Exemption", body["metadata"]["name"], ns, {"metadata": {"labels": {"team": "a"}}})

    settings(kube, f"flux-system/kustomize-controller\n  {HOME}/admin-{HOME}  \n")
    eventually(lambda: admin.patch("Exemption", body["metadata"]["name"], ns, longer), what="the policy knows of the settings")
    admin.delete("Exemption", body["metadata"]["name"], ns)
    admin.create(body)

    settings(kube, "")
    eventually(lambda: refused(lambda: admin.create(body, dry_run=True), *words), what="the account is off the list")


def test_without_the_settings_nobody_writes_one(kube):
    ns = made(kube, "true")
    body = edited(EXEMPTION, [("metadata/namespace", ns)])
    before = kube.get("ConfigMap", "errand-settings", SYSTEM)
    kube.create(body, dry_run=True)
    kube.delete("ConfigMap", "errand-settings", SYSTEM)
    eventually(lambda: refused(lambda: kube.create(body, dry_run=True), "errand-exemptions"), what="the settings are gone")
    kube.create({key: before[key] for key in ("apiVersion", "kind", "data")} | {"metadata": {"name": "errand-settings", "namespace": SYSTEM}})
    eventually(lambda: kube.create(body, dry_run=True), what="they are back")
