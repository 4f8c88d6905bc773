"""What the operator believes: state that somebody else could have written gives nothing.

Each test acts as the user whom it names. What its user could only do before the policies were installed is played by a
hand that they let pass.
"""
import secrets
import time
import uuid

import pytest
from support import agents
from support.agents import account_of, condition, in_phase, stalled
from support.enrolment import enroll, set_mode
from support.kube import MERGE, ApiError, eventually
from support.users import CREATE_GRANTS, CREATE_WORKLOADS, OPERATOR, RBAC, allow, operators_hand, ours, passing_hand, person, rule

pytestmark = pytest.mark.usefixtures("operator", "webhook")

GRANTS = f"{RBAC}/v1"


def owner(g: dict) -> dict:
    return {"apiVersion": "errand.dev/v1alpha1", "kind": "TaskGrant", "name": g["metadata"]["name"],
            "uid": g["metadata"]["uid"], "controller": True}


def marks(g: dict) -> dict:
    """Labels and owner of an object that the operator makes for the grant, and what an earlier version kept there."""
    return {"labels": {"errand.dev/task-grant": g["metadata"]["name"], "errand.dev/task-grant-uid": g["metadata"]["uid"],
                       "errand.dev/agent-identity": "bot", "errand.dev/tool-class": "fixer", "errand.dev/started-at": "1790000000",
                       "errand.dev/workload-uid": "x"},
            "annotations": {"errand.dev/scope": "{}"}, "ownerReferences": [owner(g)]}


def waiting(kube, ns: str, **spec) -> dict:
    """A grant that waits for a person, before the operator has made anything for it."""
    kube.patch("AgentIdentity", "bot", ns, {"spec": agents.identity(ns, approval={"required": 1}, **spec)["spec"]})
    kube.create(agents.job(ns, idle=True))
    return kube.create(agents.grant(ns, "task"))


def edit(kube, ns: str):
    """A developer with the built-in ClusterRole edit."""
    name = f"dev.{ns}"
    kube.create({"apiVersion": GRANTS, "kind": "RoleBinding", "metadata": {"name": "dev", "namespace": ns},
                 "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "edit"},
                 "subjects": [{"apiGroup": RBAC, "kind": "User", "name": name}]})
    eventually(lambda: kube.allowed(name, "create", "serviceaccounts", ns), what="dev may edit")
    return kube.as_user(name)


# An account made beforehand.

def test_a_developer_makes_no_account_of_a_grant_in_any_namespace(kube, world):
    g = waiting(kube, world)
    for ns in (world, "default"):
        dev = edit(kube, ns) if ns == world else kube
        body = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "errand-g.0123456789abcdef0123", "namespace": ns}}
        with pytest.raises(ApiError, match=r"\[SC404\]"):
            dev.create(body)
        secret = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
                  "metadata": {"name": "mine", "namespace": ns, "annotations": {"kubernetes.io/service-account.name": account_of(g)}}}
        with pytest.raises(ApiError, match=r"\[SC4"):
            dev.create(secret)


@pytest.mark.parametrize("manager", ["create", "apply"])
def test_an_account_from_before_the_enrolment_gives_its_maker_nothing(kube, manager):
    """With the marks of a start, so that neither the approval nor the requester would be asked for, a binding and a token.
    The grant was there as well, so its maker knew the uid."""
    ns = f"older-{time.time_ns() % 10**12}"
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}})
    eventually(lambda: kube.find("ServiceAccount", "default", ns), what="the default account")
    kube.create(agents.role(ns))
    kube.create(agents.identity(ns, approval={"required": 1}))
    kube.create(agents.job(ns, idle=True))
    g = kube.create(agents.grant(ns, "task"))
    account = account_of(g)
    hand = passing_hand(kube)
    body = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account, "namespace": ns, **marks(g)}}
    forged = (hand.create if manager == "create" else hand.apply)(body)
    token = operators_hand(kube).token_request(account, ns)
    binding = {"apiVersion": GRANTS, "kind": "RoleBinding", "metadata": {"name": f"{account}.before", "namespace": ns, **marks(g)},
               "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"},
               "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": ns}]}
    hand.create(binding)
    time.sleep(1.1)
    enroll(kube, ns, roles=("reader",))
    kube.delete("Job", "fix", ns)  # it is from before, too
    kube.wait_gone("Job", "fix", ns)
    kube.create(agents.job(ns, idle=True))
    g = kube.wait_for("TaskGrant", "task", ns, in_phase("AwaitingApproval"), 30)
    made = kube.get("ServiceAccount", account, ns)
    assert made["metadata"]["uid"] not in ("", forged["metadata"]["uid"])
    assert g["status"]["serviceAccount"]["uid"] == made["metadata"]["uid"]
    assert "startedAt" not in g["status"]
    kube.wait_gone("RoleBinding", f"{account}.before", ns)
    agents.refused_within(kube, token, 15)
    kube.delete("Namespace", ns)


def test_an_account_that_is_replaced_while_active_ends_the_grant(kube, world):
    kube.create(agents.job(world, idle=True))
    kube.create(agents.grant(world, "task"))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    hand = passing_hand(kube)
    hand.delete("ServiceAccount", account_of(g), world)
    try:
        hand.create({"apiVersion": "v1", "kind": "ServiceAccount",
                     "metadata": {"name": account_of(g), "namespace": world, **marks(g)}})
    except ApiError as error:
        assert error.status == 409, error
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Revoked"))
    assert g["status"]["endedBecause"] == "CredentialsLost"
    eventually(lambda: agents.owned(kube, world, g) == [], what="nothing is left")


def test_a_base_account_from_before_keeps_no_cloud_role(kube, namespace):
    """The platform's developer made it with every mark of the agent's; only its uid tells."""
    aid = agents.identity(namespace)
    aid["metadata"]["name"] = "late"
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {
        "name": "errand-a.late.fixer", "namespace": namespace, "labels": {"errand.dev/agent-identity": "late", "errand.dev/tool-class": "fixer"},
        "annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/admin"}}}
    forged = passing_hand(kube).create(account)
    kube.create(agents.role(namespace))
    kube.create(aid)
    aid = kube.wait_for("AgentIdentity", "late", namespace, lambda a: condition(a, "Ready").get("status") == "True")
    made = kube.get("ServiceAccount", "errand-a.late.fixer", namespace)
    assert made["metadata"]["uid"] != forged["metadata"]["uid"]
    assert "eks.amazonaws.com/role-arn" not in made["metadata"].get("annotations", {})
    assert aid["status"]["serviceAccounts"] == [{"toolClass": "fixer", "name": "errand-a.late.fixer", "uid": made["metadata"]["uid"]}]


# Workloads and pods from before the enrolment: nobody was asked for the verb run.

def before_enrolment(kube, make) -> str:
    """A namespace in which something was made before it was enrolled."""
    ns = f"older-{time.time_ns() % 10**12}"
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}})
    eventually(lambda: kube.find("ServiceAccount", "default", ns), what="the default account")
    make(ns)
    time.sleep(1.1)  # creationTimestamps have whole seconds
    enroll(kube, ns, roles=("reader",))
    kube.create(agents.role(ns))
    kube.create(agents.identity(ns))
    kube.wait_for("AgentIdentity", "bot", ns, lambda a: condition(a, "Ready").get("status") == "True", 20)
    return ns


def test_a_deployment_from_before_the_enrolment_is_given_no_slot(kube):
    ns = before_enrolment(kube, lambda n: passing_hand(kube).create(agents.deployment(n)))
    kube.create(agents.grant(ns, "task", "Deployment/serve", "Slot"))
    g = kube.wait_for("TaskGrant", "task", ns, stalled("Deployment serve was created at"), 20)
    assert "create it again" in condition(g, "Stalled")["message"]
    assert kube.find("Secret", "errand-bot-fixer", ns) is None
    kube.delete("Deployment", "serve", ns)
    kube.wait_gone("Deployment", "serve", ns)
    eventually(lambda: not kube.list("Pod", ns, labels="app=bot"), 30, what="its pods are gone")
    kube.create(agents.deployment(ns))
    kube.wait_for("TaskGrant", "task", ns, in_phase("Active"), 30)
    kube.delete("Namespace", ns)


def test_a_foreign_deployment_from_before_shares_no_slot(kube):
    """Not the grant's workload, but it mounts the same slot as the same account. Its pods can only be made once the
    account exists, so the grant may have started by then: it ends, and none starts."""
    ns = before_enrolment(kube, lambda n: passing_hand(kube).create(agents.deployment(n, "squatter")))
    kube.create(agents.deployment(ns, secret="errand-bot-fixer"))
    kube.create(agents.grant(ns, "task", "Deployment/serve", "Slot"))
    eventually(lambda: [p for p in kube.list("Pod", ns) if p["metadata"]["name"].startswith("squatter")], 60, what="the squatter's pod")

    def caught() -> bool:
        g = kube.get("TaskGrant", "task", ns)
        said = condition(g, "Ready").get("message", "")
        assert "belongs to a controller: ReplicaSet squatter-" in said and "was created at" in said, said
        return g["status"].get("endedBecause") == "SlotMounted" or condition(g, "Stalled")["status"] == "True"

    eventually(caught, 20, 0.2, "the grant ends or does not start")
    kube.create(agents.grant(ns, "next", "Deployment/serve", "Slot"))
    kube.wait_for("TaskGrant", "next", ns, stalled("belongs to a controller: ReplicaSet squatter-"), 20)
    assert kube.find("Secret", "errand-bot-fixer", ns) is None
    kube.delete("Namespace", ns)


@pytest.mark.parametrize("kind", ["StatefulSet", "Deployment"])
def test_a_pod_of_a_workload_from_before_is_not_made_new_by_orphaning_it(kube, kind):
    """The pod is new, and nobody was asked for it: a controller of Kubernetes made it. What tells is what stands above it,
    of which the garbage collector would relieve it."""
    ns = before_enrolment(kube, lambda n: passing_hand(kube).create(agents.with_slot(n, kind, "squatter")))
    dev = edit(kube, ns)
    pods = "/api/v1/namespaces/" + ns + "/pods"

    def made(where: str) -> dict:
        found = [x for x in kube.request("GET", where)["items"] if x["metadata"]["name"].startswith("squatter")]
        return found[0] if found else None

    below = pods
    if kind == "Deployment":
        below = f"/apis/apps/v1/namespaces/{ns}/replicasets"
        old = eventually(lambda: made(below), 30, what="its ReplicaSet")
        dev.delete("ReplicaSet", old["metadata"]["name"], ns)  # the controller makes a new one, as old as the identity
        eventually(lambda: (found := made(below)) and found["metadata"]["uid"] != old["metadata"]["uid"], 30, what="a new one")
    eventually(lambda: made(pods), 60, what="the squatter's pod")
    child = made(below)
    above = child["metadata"]["ownerReferences"][0]["uid"]
    for change in ([], [{**child["metadata"]["ownerReferences"][0], "controller": False}]):
        with pytest.raises(ApiError, match="keeps the controller that made it"):
            passing_hand(kube).request("PATCH", f"{below}/{child['metadata']['name']}",
                                       {"metadata": {"ownerReferences": change}}, MERGE)
    dev.request("DELETE", f"/apis/apps/v1/namespaces/{ns}/{kind.lower()}s/squatter", {"propagationPolicy": "Orphan"})
    time.sleep(3)
    child = made(below)
    assert [r["uid"] for r in child["metadata"]["ownerReferences"]] == [above], "the garbage collector is refused, too"
    kube.create(agents.deployment(ns))
    kube.create(agents.grant(ns, "task", "Deployment/serve", "Slot"))
    kube.wait_for("TaskGrant", "task", ns, stalled("belongs to a controller: "), 20)
    assert kube.find("Secret", "errand-bot-fixer", ns) is None
    kube.patch(kind, "squatter", ns, {"metadata": {"finalizers": None}})
    eventually(lambda: made(pods) is None, 60, what="its pods go after it")
    kube.wait_for("TaskGrant", "task", ns, in_phase("Active"), 30)
    kube.delete("Namespace", ns)


def test_a_job_from_before_the_enrolment_is_not_served(kube):
    ns = before_enrolment(kube, lambda n: kube.create(agents.job(n, idle=True)))
    kube.create(agents.grant(ns, "task"))
    kube.wait_for("TaskGrant", "task", ns, stalled("spec.workload: Job fix was created at"), 20)
    kube.delete("Job", "fix", ns)
    kube.wait_gone("Job", "fix", ns)
    kube.create(agents.job(ns, idle=True))
    kube.wait_for("TaskGrant", "task", ns, in_phase("Active"), 30)
    kube.delete("Namespace", ns)


def test_whoever_takes_a_namespace_out_takes_its_record_along(kube, world):
    """Off and on again makes what is there older than the enforcement, and ends what ran."""
    kube.create(agents.job(world, idle=True))
    kube.create(agents.grant(world, "task"))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    since = kube.get("Namespace", world)["metadata"]["annotations"]["errand.dev/enforced-since"]
    assert g["status"]["enforcedSince"] == since
    with pytest.raises(ApiError, match="errand.dev/enforced-since"):
        kube.patch("Namespace", world, None, {"metadata": {"labels": {"errand.dev/enforce": None}}})
    set_mode(kube, world, None)
    set_mode(kube, world, "true")
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Revoked"))
    assert g["status"]["endedBecause"] in ("NamespaceNotEnforced", "EnforcementInterrupted")
    again = kube.wait_for("Namespace", world, None, lambda n: "errand.dev/enforced-since" in n["metadata"].get("annotations", {}))
    assert again["metadata"]["annotations"]["errand.dev/enforced-since"] >= since


# Standing rights.

@pytest.mark.parametrize("kind", ["RoleBinding", "ClusterRoleBinding"])
def test_a_standing_right_of_every_account_keeps_a_grant_from_starting_and_ends_it(kube, installation, world, kind):
    """As an admin's binding from before the enrolment, beyond every ceiling."""
    name = f"everybody-{world}"
    body = {"apiVersion": GRANTS, "kind": kind, "metadata": {"name": name},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "view"},
            "subjects": [{"apiGroup": RBAC, "kind": "Group", "name": f"system:serviceaccounts:{world}"}]}
    if kind == "RoleBinding":
        body["metadata"]["namespace"] = world
    kube.create(agents.job(world, idle=True))
    kube.create(agents.grant(world, "before"))
    kube.wait_for("TaskGrant", "before", world, in_phase("Active"))
    _create_standing(kube, installation, world, body)
    try:
        g = kube.wait_for("TaskGrant", "before", world, in_phase("Revoked"), 20)
        assert g["status"]["endedBecause"] == "StandingBinding"
        assert f"{kind} " in condition(g, "Ready")["message"] and name in condition(g, "Ready")["message"]
        kube.create(agents.grant(world, "after"))
        kube.wait_for("TaskGrant", "after", world, stalled(name))
    finally:
        kube.delete(kind, name, world if kind == "RoleBinding" else None)
    kube.wait_for("TaskGrant", "after", world, in_phase("Active"), 20)


def _create_standing(kube, installation, world, body: dict) -> None:
    """Where admission looks away: by an Exemption, or as before its policy was there."""
    exempt = {"apiVersion": "errand.dev/v1alpha1", "kind": "Exemption", "metadata": {"name": "standing", "namespace": world},
              "spec": {"owner": "sre@example.com", "reason": "test", "rules": [{"name": "SC301"}], "expiresAt": agents.in_seconds(3600),
                       "objects": [{"kind": "RoleBinding", "name": body["metadata"]["name"]}]}}
    if body["kind"] == "RoleBinding":
        kube.create(exempt)
        eventually(lambda: kube.create(body), 10, what="the exemption counts")
        return
    with installation.without("errand-group-bindings"):
        eventually(lambda: kube.create(body), 10, what="the policy is away")


# The operator's own rights.

def test_the_operator_binds_no_role_of_its_own(kube, world):
    """RBAC would let it: it holds every rule of that role."""
    kube.patch("AgentIdentity", "bot", world, {"spec": agents.identity(
        world, access={"clusterRoles": [{"name": "errand-operator-namespace", "dangerous": "Accepted"}]})["spec"]})
    kube.create(agents.job(world, idle=True))
    kube.create(agents.grant(world, "task", access={"clusterRoles": [{"name": "errand-operator-namespace"}]}))
    g = kube.wait_for("TaskGrant", "task", world, stalled("is a role of the operator and is never bound"))
    assert not [b for b in kube.list("RoleBinding", world) if b["metadata"]["name"].startswith(account_of(g))]


def test_the_operator_binds_no_role_that_it_only_holds(kube, world):
    """Its rules are the operator's own, so RBAC would not ask for the verb bind."""
    kube.create({"apiVersion": GRANTS, "kind": "Role", "metadata": {"name": "held", "namespace": world},
                 "rules": [{"apiGroups": ["errand.dev"], "resources": ["taskgrants"], "verbs": ["get"]}]})
    kube.patch("AgentIdentity", "bot", world, {"spec": agents.identity(world, access={"roles": [{"name": "held"}]})["spec"]})
    kube.create(agents.job(world, idle=True))
    kube.create(agents.grant(world, "task", access={"roles": [{"name": "held"}]}))
    g = kube.wait_for("TaskGrant", "task", world, stalled('spec.access.roles[0]: the operator may not bind Role "held"'))
    assert condition(g, "Active")["status"] == "False"
    assert not [b for b in kube.list("RoleBinding", world) if b["metadata"]["name"].startswith(account_of(g))]


def test_the_operators_own_account_binds_what_is_listed_for_it_alone(kube, world):
    """Taken over, it would ask nobody: RBAC lets it bind each role whose rules it holds."""
    operator = kube.as_user(OPERATOR, "system:serviceaccounts")
    account = {"kind": "ServiceAccount", "name": "errand-g.0123456789abcdef0123", "namespace": world}

    def bind(kind: str, name: str, namespace: str = world) -> dict:
        return operator.create({"apiVersion": GRANTS, "kind": "RoleBinding", "metadata": {"name": f"{account['name']}.{secrets.token_hex(5)}", "namespace": namespace},
                                "roleRef": {"apiGroup": RBAC, "kind": kind, "name": name}, "subjects": [{**account, "namespace": namespace}]})

    kube.create({"apiVersion": GRANTS, "kind": "Role", "metadata": {"name": "held", "namespace": world},
                 "rules": [{"apiGroups": ["errand.dev"], "resources": ["taskgrants"], "verbs": ["get"]}]})
    with pytest.raises(ApiError, match="where it has the verb bind on it alone"):
        bind("Role", "held")
    kube.apply({**agents.role(world, "lists-its-own"), "rules": [
        {"apiGroups": [RBAC], "resources": ["clusterroles"], "verbs": ["bind"], "resourceNames": ["errand-operator-namespace"]}]})
    kube.apply({"apiVersion": GRANTS, "kind": "RoleBinding", "metadata": {"name": "lists-its-own", "namespace": world},
                "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "lists-its-own"},
                "subjects": [{"kind": "User", "apiGroup": RBAC, "name": OPERATOR}]})
    eventually(lambda: kube.allowed(OPERATOR, "bind", "clusterroles", world, "errand-operator-namespace", RBAC), what="it may bind it")
    with pytest.raises(ApiError, match=r"the operator binds none of its own roles \(errand-operator\*\)"):
        bind("ClusterRole", "errand-operator-namespace")
    made = bind("Role", "reader")
    set_mode(kube, world, None)

    def refused() -> bool:
        try:
            bind("Role", "reader")
        except ApiError as error:
            return "the operator binds roles in enrolled namespaces" in error.message
        return False

    eventually(refused, 10, 0.2, "a namespace that is not enrolled any more gets no right")
    operator.delete("RoleBinding", made["metadata"]["name"], world)


def test_a_grant_whose_second_role_cannot_be_bound_keeps_no_first(kube, world):
    """Neither before the start, nor beyond its window after it."""
    kube.create(agents.role(world, "unlisted"))
    kube.patch("AgentIdentity", "bot", world, {"spec": agents.identity(
        world, access={"roles": [{"name": "reader"}, {"name": "unlisted"}]})["spec"]})
    kube.create(agents.job(world, idle=True))
    kube.create(agents.grant(world, "task", access={"roles": [{"name": "reader"}, {"name": "unlisted"}]}))
    g = kube.wait_for("TaskGrant", "task", world, stalled("spec.access.roles[1]: the operator may not bind"))
    assert not [b for b in kube.list("RoleBinding", world) if b["metadata"]["name"].startswith(account_of(g))]
    assert "startedAt" not in g["status"]


# Who asked, while it runs; and for how long a request counts.

def test_a_requester_who_loses_the_verb_loses_the_running_grant(kube, world):
    alice = person(kube, world, "alice", CREATE_GRANTS, ours("request run", "bot"), *CREATE_WORKLOADS)
    alice.create(agents.grant(world, "task"))
    alice.create(agents.job(world, idle=True))
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    allow(kube, world, f"alice.{world}", CREATE_GRANTS)
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Revoked"), 20)
    assert g["status"]["endedBecause"] == "RequesterNotAuthorized"
    assert f'user "alice.{world}"' in condition(g, "Ready")["message"]


def test_a_strangers_secret_with_a_grants_label_is_not_its_slot(kube, world):
    kube.create(agents.deployment(world))
    kube.create(agents.grant(world, "task", "Deployment/serve", "Slot"))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    stranger = {"apiVersion": "v1", "kind": "Secret", "stringData": {"mine": "kept"},
                "metadata": {"name": "theirs", "namespace": world, "labels": {"errand.dev/task-grant-uid": g["metadata"]["uid"]}}}
    kube.create(stranger)
    kube.patch("TaskGrant", "task", world, {"spec": {"revoke": {"reason": "done"}}})
    kube.wait_for("TaskGrant", "task", world, in_phase("Revoked"))
    kube.wait_gone("Secret", "errand-bot-fixer", world)
    assert kube.get("Secret", "theirs", world)["metadata"]["labels"]


def test_a_namespace_whose_pods_would_believe_another_api_server_is_not_enforced(kube, installation, operator):
    """The cluster writes the ConfigMap, and a developer rewrites it before the enrolment, for good."""
    ns, name = "t-" + uuid.uuid4().hex[:10], "kube-root-ca.crt"
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}})
    eventually(lambda: kube.find("ConfigMap", name, ns), what="the cluster has written it")
    editor = person(kube, ns, "editor", rule("", "configmaps", "get patch"))
    editor.patch("ConfigMap", name, ns, {"immutable": True, "data": {"ca.crt": "mine"}})
    kube.create({"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", "metadata": {"name": "errand-operator", "namespace": ns},
                 "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "errand-operator-namespace"},
                 "subjects": [{"kind": "ServiceAccount", "name": "errand-operator", "namespace": "errand-system"}]})
    kube.patch("Namespace", ns, None, {"metadata": {"labels": {"errand.dev/enforce": "true"}}})

    def since() -> str:
        return kube.get("Namespace", ns)["metadata"].get("annotations", {}).get("errand.dev/enforced-since", "")

    def seen() -> bool:
        """Also by who reads the log at its usual level."""
        return any(f"namespace {ns} is not enforced: its ConfigMap kube-root-ca.crt" in line and "verb exempt" in line
                   for line in operator.tail(2000).splitlines() if '"level":"debug"' not in line)

    eventually(seen, 20, what="it says so")
    assert since() == ""
    kube.create(agents.identity(ns))
    said = kube.wait_for("AgentIdentity", "bot", ns, lambda a: condition(a, "Stalled").get("reason") == "RootCaDiffers", 20)
    assert "kube-root-ca.crt" in condition(said, "Stalled")["message"]
    kube.delete("ConfigMap", name, ns)
    eventually(since, 40, what="the cluster writes it again, and the namespace is enforced")
    kube.wait_for("AgentIdentity", "bot", ns, lambda a: condition(a, "Stalled").get("reason") != "RootCaDiffers", 20)


def test_a_requester_ends_no_job_that_is_not_made_for_the_grant(kube, namespace):
    agents.declare(kube, namespace)
    alice = person(kube, namespace, "alice", CREATE_GRANTS, ours("request", "bot"))
    kube.create(agents.grant(namespace, "other"))
    kube.create(agents.job(namespace, grant_name="other"))
    before = agents.running_pod(kube, namespace)
    alice.create(agents.grant(namespace, "task"))
    kube.wait_for("TaskGrant", "task", namespace, in_phase("Active"))
    alice.patch("TaskGrant", "task", namespace, {"spec": {"revoke": {"reason": "mine"}}})
    kube.wait_for("TaskGrant", "task", namespace, agents.confirmed, 60)
    assert "activeDeadlineSeconds" not in kube.get("Job", "fix", namespace)["spec"]
    assert kube.get("Pod", before["metadata"]["name"], namespace)["status"]["phase"] == "Running"


@pytest.mark.parametrize("change", [{"apiVersion": "example.com/v1"}, {"kind": "Nosuch"}, {"name": "other"}, {"uid": str(uuid.uuid4())}],
                         ids=["apiVersion", "kind", "name", "uid"])
def test_the_controller_of_what_runs_as_an_agent_stays_in_every_part(kube, namespace, change):
    agents.declare(kube, namespace)
    kube.create(agents.deployment(namespace))
    editor = person(kube, namespace, "editor", rule("apps", "replicasets", "get list patch"), rule("", "pods", "get list patch"))
    for kind, labels in (("ReplicaSet", "app=bot"), ("Pod", "app=bot")):
        made = eventually(lambda k=kind, of=labels: kube.list(k, namespace, labels=of), 30, what=f"there is a {kind}")[0]
        owner = {**made["metadata"]["ownerReferences"][0], **change}
        with pytest.raises(ApiError, match="keeps the controller that made it"):
            editor.patch(kind, made["metadata"]["name"], namespace,
                         [{"op": "replace", "path": "/metadata/ownerReferences/0", "value": owner}])
