"""People and orchestrators of tests, each with the rights that it is given and no others. `user` is a ServiceAccount
outside of any enrolled namespace, of which RBAC and admission see what they see of a real user; `person` is impersonated
by the administrator, and its rights may change. The hands are users whom the policies let pass, with every right of RBAC:
a test plays by them what happened before the policies were there, or what only such a user could do."""
import json
import pathlib

from support.kube import Kube, eventually

HOME = "people"  # a namespace that takes no part
RBAC = "rbac.authorization.k8s.io"
OPERATOR = "system:serviceaccount:errand-system:errand-operator"
COLLECTOR = "system:serviceaccount:kube-system:generic-garbage-collector"


def rule(group: str, resources: str, verbs: str, names: str = "") -> dict:
    """A rule of RBAC, from words divided by blanks."""
    out = {"apiGroups": [group], "resources": resources.split(), "verbs": verbs.split()}
    return out | ({"resourceNames": names.split()} if names else {})


REQUESTS = rule("errand.dev", "taskgrants", "get list watch create patch delete")
ASKS = rule("errand.dev", "agentidentities", "request run")
CREATE_GRANTS = rule("errand.dev", "taskgrants", "get create patch update delete")
CREATE_WORKLOADS = [rule("batch", "jobs cronjobs", "create patch"), rule("apps", "deployments", "create patch"),
                    rule("", "pods", "create patch")]


def passing_hand(kube: Kube) -> Kube:
    """Whom neither the webhook nor a policy holds up when it makes, changes or deletes what is ours, its status too."""
    return kube.as_user(COLLECTOR, "system:masters")


def operators_hand(kube: Kube) -> Kube:
    """The operator's user: it mints tokens of grants' accounts, and errand-self-limits holds it to what the operator does."""
    return kube.as_user(OPERATOR, "system:masters")


def kubelets_token(kube: Kube, account: str, namespace: str, audiences: tuple[str, ...] = (), pod: dict | None = None) -> str:
    """A token of the account as a kubelet asks for it, whom the policies let pass and the webhook judges. Where no token is
    to come of it, the pod need not exist. By its group alone: NodeRestriction would answer a node first."""
    kubelet = kube.as_user("kubelet", "system:nodes", "system:masters")
    meta = pod["metadata"] if pod else {"name": "absent", "uid": "00000000-0000-0000-0000-000000000000"}
    return kubelet.token_request(account, namespace, audiences, bound={"kind": "Pod", "name": meta["name"], "uid": meta["uid"]})


def ours(verb: str, names: str = "") -> dict:
    """One of our verbs on AgentIdentities, of all names where none is given."""
    return rule("errand.dev", "agentidentities", verb, names)


def audience(name: str = "") -> dict:
    """The verb of an audience, of all where none is named."""
    return rule("errand.dev", "audiences", "grant", name)


def person(kube: Kube, namespace: str, name: str, *rules: dict) -> Kube:
    """A client as `name`, who may do in `namespace` what the rules say; returns once the API server knows of it."""
    name = f"{name}.{namespace}"
    allow(kube, namespace, name, *rules)
    _await(kube, namespace, name, rules)
    return kube.as_user(name)


def allow(kube: Kube, namespace: str, user_name: str, *rules: dict) -> None:
    """Replaces what the user may do there."""
    _bind(kube.apply, {"name": "of-" + user_name.partition(".")[0], "namespace": namespace}, rules,
          {"apiGroup": RBAC, "kind": "User", "name": user_name})


def _bind(put, meta: dict, rules: tuple[dict, ...], subject: dict) -> None:
    put({"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": meta, "rules": list(rules)})
    put({"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", "metadata": meta,
         "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": meta["name"]}, "subjects": [subject]})


def _await(kube: Kube, namespace: str, who: str, rules: tuple[dict, ...]) -> None:
    """Until the first rule is in force, and with it the others of its Role."""
    if not rules or "/" in rules[0]["resources"][0]:
        return
    first = rules[0]
    eventually(lambda: kube.allowed(who, first["verbs"][0], first["resources"][0], namespace, first.get("resourceNames", [""])[0],
                                    first["apiGroups"][0]), what=f"{who} has its rights")


def user_name(name: str) -> str:
    return f"system:serviceaccount:{HOME}:{name}"


def user(kube: Kube, namespace: str, name: str, *rules: dict) -> Kube:
    """A client of a user who may do in `namespace` what the rules say; returns once the API server knows of it."""
    if not kube.find("Namespace", HOME):
        kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}})
    account = f"{name}-{namespace}"
    kube.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account, "namespace": HOME}})
    meta = {"name": account, "namespace": namespace}
    if rules:
        _bind(kube.create, meta, rules, {"kind": "ServiceAccount", "name": account, "namespace": HOME})
        _await(kube, namespace, user_name(account), rules)
    return kube.with_token(kube.token_request(account, HOME, seconds=3600))


def kubeconfig(client: Kube, path: pathlib.Path, namespace: str) -> pathlib.Path:
    """A kubeconfig of such a user, as kubectl has it."""
    config = {"apiVersion": "v1", "kind": "Config", "current-context": "x",
              "clusters": [{"name": "c", "cluster": {"server": client.server, "certificate-authority": client.ca_file}}],
              "users": [{"name": "u", "user": {"token": client.token}}],
              "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u", "namespace": namespace}}]}
    path.write_text(json.dumps(config))
    return path
