"""Roles that are a way to other credentials, on a real API server: written by authors and namespaced admins in either order,
and judged by the operator where nobody was asked. What the table says of each rule: tests/rules/SC302."""
import pytest
from support import agents
from support.agents import condition, in_phase
from support.kube import ApiError, eventually
from support.users import RBAC, person, rule

pytestmark = pytest.mark.usefixtures("operator", "webhook")

HARMLESS = [rule("", "configmaps", "get list")]
DANGEROUS = {
    "secrets-patch": rule("", "secrets", "patch"),
    "secrets-deletecollection": rule("", "secrets", "deletecollection"),
    "secrets-create": rule("", "secrets", "create"),
    "portforward": rule("", "pods/portforward", "create"),
    "pods-proxy": rule("", "pods/proxy", "get"),
    "services-proxy": rule("", "services/proxy", "get"),
    "pods-create": rule("", "pods", "create"),
    "deployments-patch": rule("apps", "deployments", "patch", names="checkout"),
    "impersonate": rule("", "serviceaccounts", "impersonate"),
    "impersonate-constrained": rule("", "serviceaccounts", "impersonate:serviceaccount"),
    "webhooks-delete": rule("admissionregistration.k8s.io", "validatingwebhookconfigurations", "delete"),
    "policies-delete": rule("admissionregistration.k8s.io", "validatingadmissionpolicies", "delete"),
    "grants-create": rule("errand.dev", "taskgrants", "create"),
    "custom-create": rule("argoproj.io", "workflows", "create"),
    "every-verb": rule("example.com", "widgets", "*"),
}
# What RBAC lets a namespaced admin pass on.
OF_ADMIN = ("secrets-patch", "secrets-deletecollection", "secrets-create", "portforward", "pods-proxy", "services-proxy", "pods-create",
            "deployments-patch", "impersonate")


def role(ns: str, *rules: dict, name: str = "reader") -> dict:
    return {**agents.role(ns, name), "rules": list(rules)}


def cluster_role(name: str, *rules: dict, **more) -> dict:
    return {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": name, **more.pop("metadata", {})}, "rules": list(rules), **more}


def identity(ns: str, kind: str = "roles", name: str = "reader", **entry) -> dict:
    return agents.identity(ns, access={kind: [{"name": name, **entry}]})


def author(kube, ns: str):
    return person(kube, ns, "carol", rule("errand.dev", "agentidentities", "create patch get define"),
                  rule(RBAC, "roles clusterroles", "bind"))


def admin(kube, ns: str):
    """Of this namespace, and no more."""
    name = f"dan.{ns}"
    kube.create({"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", "metadata": {"name": "dan", "namespace": ns},
                 "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "admin"},
                 "subjects": [{"apiGroup": RBAC, "kind": "User", "name": name}]})
    eventually(lambda: kube.allowed(name, "create", "roles", ns, group=RBAC), what="dan has his rights")
    return kube.as_user(name)


def refused(call, *parts: str) -> None:
    with pytest.raises(ApiError) as error:
        call()
    assert error.value.status == 403, error.value
    for part in ("[SC302]", *parts):
        assert part in error.value.message


def ready(kube, ns: str) -> None:
    kube.wait_for("AgentIdentity", "bot", ns, lambda a: condition(a, "Ready").get("status") == "True")


def started(kube, ns: str, **access) -> dict:
    kube.create(agents.job(ns, idle=True))
    kube.create(agents.grant(ns, "task", access=access or {"roles": [{"name": "reader"}]}))
    return kube.wait_for("TaskGrant", "task", ns, in_phase("Active"), 25)


def ended(kube, ns: str, *parts: str) -> None:
    g = kube.wait_for("TaskGrant", "task", ns, in_phase("Revoked"))
    assert g["status"]["endedBecause"] == "DangerousRole"
    for part in parts:
        assert part in condition(g, "Ready")["message"]
    eventually(lambda: not agents.owned(kube, ns, g), what="nothing of the grant is left")


@pytest.mark.parametrize("what", DANGEROUS)
def test_a_dangerous_role_is_refused_to_the_author_who_names_it(kube, namespace, what):
    """The Role came first: whoever wrote it was asked nothing."""
    kube.create(role(namespace, *HARMLESS, DANGEROUS[what]))
    carol = author(kube, namespace)
    bad = DANGEROUS[what]
    refused(lambda: carol.create(identity(namespace)), 'spec.toolClasses[0].access.roles[0]: [SC302] Role "reader" allows '
            f'"{bad["verbs"][0]}" on "{bad["resources"][0]}', "(rules[1])", "{name: reader, dangerous: Accepted}")
    refused(lambda: carol.create(identity(namespace, dangerous="Refused")))
    carol.create(identity(namespace, dangerous="Accepted"))
    kube.patch("Role", "reader", namespace, {"rules": [*HARMLESS, bad, bad]})


@pytest.mark.parametrize("what", OF_ADMIN)
def test_a_namespaced_admin_writes_no_dangerous_role_that_an_agent_may_get(kube, namespace, what):
    """The identity came first. Another Role is the admin's own business, until an identity names it."""
    dan = admin(kube, namespace)
    kube.create(identity(namespace))
    ready(kube, namespace)
    refused(lambda: dan.create(role(namespace, *HARMLESS, DANGEROUS[what])), 'Role "reader", which tool class "fixer" of AgentIdentity "bot" may get')
    dan.create(role(namespace, *HARMLESS))
    refused(lambda: dan.patch("Role", "reader", namespace, {"rules": [DANGEROUS[what]]}))
    dan.create(role(namespace, DANGEROUS[what], name="other"))
    carol = author(kube, namespace)
    refused(lambda: carol.patch("AgentIdentity", "bot", namespace, {"spec": identity(namespace, name="other")["spec"]}))


def test_what_agents_do_all_the_time_is_not_dangerous(kube, namespace):
    carol = author(kube, namespace)
    kube.create(role(namespace, rule("", "pods pods/log services events configmaps", "get list watch"), rule("", "pods", "delete"),
                     rule("apps", "deployments/scale", "get patch"), rule("", "configmaps", "create patch delete"),
                     rule("argoproj.io", "workflows", "get list watch")))
    carol.create(identity(namespace))


def test_built_in_cluster_roles_count_by_what_they_have_become(kube, namespace):
    """`edit` and `admin` have their rules by aggregation."""
    carol = author(kube, namespace)
    for name in ("edit", "admin", "cluster-admin"):
        refused(lambda: carol.create(identity(namespace, "clusterRoles", name)),  # noqa: B023
                f'spec.toolClasses[0].access.clusterRoles[0]: [SC302] ClusterRole "{name}" allows')
    carol.create(identity(namespace, "clusterRoles", "view"))


def test_who_accepts_a_danger_must_be_allowed_to_give_the_role(kube, namespace):
    kube.create(role(namespace, *HARMLESS))
    kube.create(identity(namespace))
    ready(kube, namespace)
    accepted = {"spec": identity(namespace, dangerous="Accepted")["spec"]}
    writer = rule("errand.dev", "agentidentities", "patch get define")
    erin = person(kube, namespace, "erin", writer)
    with pytest.raises(ApiError, match=r'spec.toolClasses\[0\].access.roles\[0\]: user "erin\.[^"]*" may not bind'):
        erin.patch("AgentIdentity", "bot", namespace, accepted)
    frank = person(kube, namespace, "frank", rule("errand.dev", "agentidentities", "patch get"), rule(RBAC, "roles", "bind", names="reader"))
    with pytest.raises(ApiError, match='may not define agentidentities.errand.dev "bot"'):
        frank.patch("AgentIdentity", "bot", namespace, accepted)
    author(kube, namespace).patch("AgentIdentity", "bot", namespace, accepted)
    erin.patch("AgentIdentity", "bot", namespace, {"spec": identity(namespace)["spec"]})


def test_a_cluster_role_that_becomes_dangerous_ends_the_grant(kube, installation, namespace):
    """No webhook is asked about ClusterRoles, so that one that is away holds no repair up."""
    name = f"direct-{namespace}"
    kube.create(cluster_role(name, *HARMLESS))
    installation.enroll(namespace, cluster_roles=(name,))
    author(kube, namespace).create(identity(namespace, "clusterRoles", name))
    ready(kube, namespace)
    started(kube, namespace, clusterRoles=[{"name": name}])
    kube.patch("ClusterRole", name, None, {"rules": [*HARMLESS, DANGEROUS["secrets-patch"]]})
    ended(kube, namespace, f'spec.access.clusterRoles[0]: ClusterRole {name} allows "patch" on "secrets"', "(rules[1])", "dangerous: Accepted")
    kube.delete("ClusterRole", name)


def test_an_aggregated_cluster_role_that_becomes_dangerous_ends_the_grant(kube, installation, namespace):
    """By a ClusterRole that nobody bound: the controller manager adds its rules."""
    name, label = f"sum-{namespace}", {f"of-{namespace}": "true"}
    kube.create(cluster_role(f"part-{namespace}", *HARMLESS, metadata={"labels": label}))
    kube.create(cluster_role(name, aggregationRule={"clusterRoleSelectors": [{"matchLabels": label}]}))
    kube.wait_for("ClusterRole", name, None, lambda r: r.get("rules"))
    installation.enroll(namespace, cluster_roles=(name,))
    author(kube, namespace).create(identity(namespace, "clusterRoles", name))
    ready(kube, namespace)
    started(kube, namespace, clusterRoles=[{"name": name}])
    kube.create(cluster_role(f"more-{namespace}", DANGEROUS["deployments-patch"], metadata={"labels": label}))
    ended(kube, namespace, f'ClusterRole {name} allows "patch" on "deployments.apps"')
    carol, hours = author(kube, namespace), iter(range(2, 20))

    def widen() -> None:
        access = {"clusterRoles": [{"name": name}]}
        carol.patch("AgentIdentity", "bot", namespace,
                    {"spec": {"toolClasses": agents.identity(namespace, access=access, maxDuration=f"{next(hours)}h")["spec"]["toolClasses"]}})

    # The webhook believes what it has read of a role for some seconds.
    eventually(lambda: agents.refusal(widen) == 403, 10, 1, "the webhook reads the role again")
    refused(widen)
    for one in (name, f"part-{namespace}", f"more-{namespace}"):
        kube.delete("ClusterRole", one)


def test_a_role_that_nobody_was_asked_about_starts_nothing_until_it_is_accepted(kube, installation, namespace):
    kube.create(identity(namespace))
    ready(kube, namespace)
    with installation.unguarded(namespace):
        eventually(lambda: kube.create(role(namespace, *HARMLESS, DANGEROUS["secrets-create"])), 20, 0.2, "the API server no longer asks")
    kube.create(agents.job(namespace, idle=True))
    kube.create(agents.grant(namespace, "task"))
    g = kube.wait_for("TaskGrant", "task", namespace, agents.stalled('spec.access.roles[0]: Role reader allows "create" on "secrets"'))
    assert condition(g, "Ready")["reason"] == "DangerousRole"
    assert not [b for b in kube.list("RoleBinding", namespace) if b["metadata"]["name"].startswith("errand-g.")]
    author(kube, namespace).patch("AgentIdentity", "bot", namespace, {"spec": identity(namespace, dangerous="Accepted")["spec"]})
    g = kube.wait_for("TaskGrant", "task", namespace, in_phase("Active"), 25)
    assert g["status"]["effective"]["roles"] == [{**g["status"]["effective"]["roles"][0], "name": "reader", "dangerous": "Accepted"}]
    kube.patch("AgentIdentity", "bot", namespace, {"spec": identity(namespace)["spec"]})
    ended(kube, namespace, "let tool class fixer of AgentIdentity bot accept it by {name: reader, dangerous: Accepted}")


def test_a_role_that_becomes_dangerous_while_the_webhook_is_away_ends_the_grant(kube, installation, namespace):
    agents.declare(kube, namespace)
    started(kube, namespace)
    with installation.unguarded(namespace):
        eventually(lambda: kube.patch("Role", "reader", namespace, {"rules": [*HARMLESS, DANGEROUS["pods-create"]]}), 20, 0.2,
                   "the API server no longer asks")
    ended(kube, namespace, 'Role reader allows "create" on "pods": decides what pods run, and as whom (rules[1])')
