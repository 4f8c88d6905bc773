"""People with just the rights that a test gives them, as RBAC has it."""
from kube import Kube


def person(kube: Kube, namespace: str, name: str, *rules: dict) -> Kube:
    """A client as `name`, who may do in `namespace` what the rules say."""
    name = f"{name}.{namespace}"
    allow(kube, namespace, name, *rules)
    return kube.as_user(name)


def allow(kube: Kube, namespace: str, user: str, *rules: dict) -> None:
    """Replaces what the user may do there."""
    kind = "rbac.authorization.k8s.io/v1"
    meta = {"name": "of-" + user.partition(".")[0], "namespace": namespace}
    kube.apply({"apiVersion": kind, "kind": "Role", "metadata": meta, "rules": list(rules)})
    kube.apply({"apiVersion": kind, "kind": "RoleBinding", "metadata": meta,
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": meta["name"]},
                "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}]})


def rule(group: str, resource: str, *verbs: str, names: tuple[str, ...] = ()) -> dict:
    out = {"apiGroups": [group], "resources": [resource], "verbs": list(verbs)}
    return {**out, "resourceNames": list(names)} if names else out


CREATE_GRANTS = rule("errand.dev", "taskgrants", "get", "create", "patch", "update", "delete")
CREATE_WORKLOADS = [rule("batch", "jobs", "create", "patch"), rule("apps", "deployments", "create", "patch"),
                    rule("", "pods", "create", "patch")]


def ours(verb: str, *names: str) -> dict:
    """One of our verbs on AgentIdentities, of all names where none is given."""
    return rule("errand.dev", "agentidentities", verb, names=names)
