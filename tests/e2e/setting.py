"""Steps that set the scene: the installation, a namespace, an agent."""
from stage import NAMESPACE, Stage, say
from support.agents import condition
from support.kube import ApiError
from support.processes import SYSTEM

OPERATOR = f"system:serviceaccount:{SYSTEM}:errand-operator"
WEBHOOK = f"system:serviceaccount:{SYSTEM}:errand-webhook"
BASE_ACCOUNTS = ("errand-a.incident-bot.remediation", "errand-a.incident-bot.watcher")


def processes_have_only_their_own_rights(stage: Stage) -> None:
    """Install from manifests/, start the operator and the webhook as their own accounts"""
    stage.installation.install()
    stage.installation.start_webhook()
    stage.installation.start_operator()
    operator = stage.kube.with_token(stage.kube.token_request("errand-operator", SYSTEM))
    webhook = stage.kube.with_token(stage.kube.token_request("errand-webhook", SYSTEM))
    for client, kind, namespace in ((operator, "Secret", None), (operator, "Secret", "kube-system"),
                                    (webhook, "Secret", None)):
        try:
            client.list(kind, namespace)
        except ApiError as error:
            assert error.status == 403, error
        else:
            raise AssertionError(f"{kind}s of {namespace or 'the whole cluster'} can be listed by a process of ours")
    for verb in ("create", "update", "patch", "delete"):
        assert not stage.kube.allowed(WEBHOOK, verb, "taskgrants", NAMESPACE, group="errand.dev")
        assert not stage.kube.allowed(WEBHOOK, verb, "pods", NAMESPACE)
    for resource in ("mutatingwebhookconfigurations", "validatingwebhookconfigurations"):
        assert not stage.kube.allowed(OPERATOR, "patch", resource, "", "errand", "admissionregistration.k8s.io")
    assert not stage.kube.allowed(OPERATOR, "escalate", "roles", NAMESPACE, group="rbac.authorization.k8s.io")
    assert not stage.kube.allowed(OPERATOR, "impersonate", "users", NAMESPACE)
    say("both are ready; neither reads Secrets of the cluster, the webhook writes nothing")


def a_namespace_takes_part(stage: Stage) -> None:
    """Enrol the namespace `agents`; the operator may bind two named Roles there and no others"""
    stage.installation.enroll(NAMESPACE, roles=("config-reader", "checkout-restarter"), settle=True,
                              pod_security=True)
    rbac = "rbac.authorization.k8s.io"
    assert stage.kube.allowed(OPERATOR, "bind", "roles", NAMESPACE, "config-reader", rbac)
    assert not stage.kube.allowed(OPERATOR, "bind", "clusterroles", NAMESPACE, "cluster-admin", rbac)
    stage.apply_example("checkout.yaml")
    stage.kube.wait_for("Deployment", "checkout", NAMESPACE, lambda d: d["status"].get("readyReplicas") == 1, 30)
    say("labels errand.dev/enforce=true and Pod Security baseline; an ordinary application, checkout, runs in it")


def an_agent_has_an_identity_and_no_rights(stage: Stage) -> None:
    """Declare an agent (examples/identity.yaml): one account for each class of tools, without rights"""
    stage.apply_example("identity.yaml")
    stage.kube.wait_for("AgentIdentity", "incident-bot", NAMESPACE, ready, 15)
    for name in BASE_ACCOUNTS:
        account = stage.kube.get("ServiceAccount", name, NAMESPACE)
        assert account["automountServiceAccountToken"] is False and not account.get("secrets")
        user = f"system:serviceaccount:{NAMESPACE}:{name}"
        assert not stage.kube.allowed(user, "get", "configmaps", NAMESPACE)
        say(f"{name}: no token is mounted for it, and it may do nothing")


def ready(thing: dict) -> bool:
    return condition(thing, "Ready").get("status") == "True" \
        and thing["status"]["observedGeneration"] == thing["metadata"]["generation"]
