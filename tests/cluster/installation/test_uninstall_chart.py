"""Removing the chart by helm 4 and helm 3: its pre-delete hook revokes first, as an account that can do little else."""
import threading

import pytest
from support.kube import ApiError, eventually
from support.processes import ROOT, SYSTEM
from support.uninstalling import (Operators, active_grants, becomes_active, helm, ours, own_cluster, rights_of_agents, stop_processes,
                                  uninstall)


def hook_container(own, outcome: dict) -> None:
    """Plays the container of the hook's pod, as its account, and ends the hollow pod with its exit code."""
    kube = own.kube
    pod = eventually(lambda: kube.list("Pod", SYSTEM, labels="app.kubernetes.io/name=errand-uninstall"), 60, 0.2, "the hook's pod")[0]
    container = pod["spec"]["containers"][0]
    assert container["command"] == ["/usr/local/bin/kubectl-errand"] and container["args"][0] == "uninstall"
    done = uninstall(own.kubeconfig("errand-uninstall"), *container["args"][1:])
    outcome["done"] = done
    kube.patch("Pod", pod["metadata"]["name"], SYSTEM, {"metadata": {"annotations": {"hollow.errand.dev/exit": str(done.returncode)}}})


@pytest.mark.parametrize("version", ["helm", "helm3/helm"])
def test_by_helm_and_installed_again(version):
    with own_cluster(manifests=None) as own:
        kube = own.kube
        chart = (str(ROOT / "charts" / "errand"), "--set", "crds.keep=false")
        helm(kube, "install", "errand", *chart, "--create-namespace", version=version)
        own.await_installed().start_webhook()
        with Operators(own) as operators:
            operators.await_guards()
            active_grants(own, "agents")
            outcome: dict = {}
            container = threading.Thread(target=hook_container, args=(own, outcome))
            container.start()
            helm(kube, "uninstall", "errand", "--timeout", "2m", version=version)
            container.join()
            assert outcome["done"].returncode == 0, outcome["done"].stdout + outcome["done"].stderr
        left = eventually(lambda: (now := ours(kube)) in ([], [f"Namespace /{SYSTEM}"]) and now, 30, 1, "helm has removed the rest")
        assert left == [f"Namespace /{SYSTEM}"], "helm keeps the namespace of a release"
        assert rights_of_agents(kube) == []
        stop_processes(own)
        helm(kube, "install", "errand", *chart, version=version)
        own.await_installed().start_webhook()
        with Operators(own) as operators:
            operators.await_guards()
            becomes_active(own, "again")


def test_by_helm_with_the_operator_dead_beforehand():
    """An administrator revokes; the hook then finds nothing to do."""
    with own_cluster(manifests=None) as own:
        kube = own.kube
        helm(kube, "install", "errand", str(ROOT / "charts" / "errand"), "--create-namespace")
        own.await_installed().start_webhook()
        operator = own.start_operator(leader_elect=True)
        eventually(operator.guards_hold, 60, what="the guards hold")
        own.await_guards()
        active_grants(own, "agents")
        stop_processes(own)
        done = uninstall(kube.kubeconfig, "--without-operator")
        assert done.returncode == 0, done.stdout + done.stderr
        outcome: dict = {}
        container = threading.Thread(target=hook_container, args=(own, outcome))
        container.start()
        helm(kube, "uninstall", "errand", "--timeout", "2m")
        container.join()
        assert outcome["done"].returncode == 0, outcome["done"].stdout + outcome["done"].stderr
        crds = [f"CustomResourceDefinition /{kind}.errand.dev" for kind in ("agentidentities", "exemptions", "taskgrants")]
        kept = ["APIService /v1alpha1.errand.dev", *crds, f"Namespace /{SYSTEM}"]  # the first comes with the CRDs

        def only_that_is_left() -> bool:
            assert ours(kube) == kept
            return True

        eventually(only_that_is_left, 30, 1, "only what the chart keeps is left")
        assert {g["spec"]["revoke"]["reason"] for g in kube.list("TaskGrant")} == {"kubectl errand uninstall --without-operator"}


def test_the_hook_keeps_to_names_of_ours():
    """As the hook's account, which RBAC alone would let delete any ServiceAccount and RoleBinding."""
    with own_cluster(manifests=None) as own:
        kube = own.kube
        helm(kube, "install", "errand", str(ROOT / "charts" / "errand"), "--create-namespace")
        own.await_installed()
        hook = helm(kube, "template", "errand", str(ROOT / "charts" / "errand"), "--show-only", "templates/uninstall.yaml").stdout
        kube.kubectl("apply", "-f", "-", stdin=hook)
        account = kube.with_token(kube.token_request("errand-uninstall", SYSTEM))
        kube.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "build", "namespace": "default"}})
        kube.create({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
                     "metadata": {"name": "build", "namespace": "default"}, "subjects": [],
                     "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}})
        refused = [lambda: account.delete("ServiceAccount", "build", "default"),
                   lambda: account.delete("RoleBinding", "build", "default"),
                   lambda: account.patch("Namespace", "default", None, {"metadata": {"labels": {"team": "x"}}}),
                   lambda: account.patch("Namespace", "default", None, {"metadata": {"annotations": {"errand.dev/enforced-since": "x"}}})]
        for write in refused:
            with pytest.raises(ApiError, match="errand-uninstall|errand.dev/enforced-since"):
                write()
        with pytest.raises(ApiError, match="cannot list resource"):
            account.list("Secret", "default")
