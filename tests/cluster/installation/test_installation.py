"""Installing from manifests/ and enrolling a namespace, before any process runs."""


def test_the_operator_may_bind_listed_roles_of_its_namespaces_only(kube, namespace):
    operator = "system:serviceaccount:errand-system:errand-operator"
    rbac = "rbac.authorization.k8s.io"
    assert kube.get("Namespace", namespace)["metadata"]["labels"]["errand.dev/enforce"] == "true"
    assert kube.allowed(operator, "create", "secrets", namespace)
    assert not kube.allowed(operator, "get", "secrets", "default")
    assert kube.allowed(operator, "bind", "roles", namespace, "reader", rbac)
    assert kube.allowed(operator, "bind", "clusterroles", namespace, "view", rbac)
    assert not kube.allowed(operator, "bind", "roles", namespace, "other", rbac)
    assert not kube.allowed(operator, "bind", "clusterroles", "default", "view", rbac)


def test_a_process_has_its_accounts_rights_by_a_token_file(kube, installation, cluster):
    kubeconfig = installation.kubeconfig("errand-webhook")
    assert (cluster.directory / "errand-webhook" / "token").stat().st_mode & 0o077 == 0
    me = kube.kubectl("--kubeconfig", str(kubeconfig), "auth", "whoami")
    assert "system:serviceaccount:errand-system:errand-webhook" in me.stdout
    kube.kubectl("--kubeconfig", str(kubeconfig), "get", "taskgrants", "-A")
    secrets = kube.kubectl("--kubeconfig", str(kubeconfig), "get", "secrets", "-n", "default", check=False)
    assert "forbidden" in secrets.stderr
