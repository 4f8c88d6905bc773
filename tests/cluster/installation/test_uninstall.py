"""Removing Errand: nothing of it and no right is left, by kustomize and by helm, with the operator and without it."""
import json
import threading

import pytest
from support import agents
from support.agents import VOLUME
from support.kube import ApiError, eventually
from support.processes import SYSTEM
from support.uninstalling import (ROOT, Operators, active_grants, becomes_active, helm, ours, own_cluster, remove_manifests,
                                  rights_of_agents, stop_processes, uninstall)


def test_by_kustomize_and_installed_again():
    with own_cluster() as own:
        kube, config = own.kube, own.kube.kubeconfig
        with Operators(own) as operators:
            operators.await_guards()
            active_grants(own, "agents")
            before = uninstall(config, "--check")
            assert before.returncode == 1
            for text in ("taskgrant/task ", "Active, not ended", "account of grant task", "credentials of grant slot",
                         "serviceaccount/errand-a.bot.fixer", "namespace/agents", "rolebinding/errand-operator "):
                assert text in before.stdout, (text, before.stdout)
            early = uninstall(config, "--timeout", "1s")
            assert early.returncode == 1 and "not finished within 1s" in early.stderr and "taskgrant/slot" in early.stderr
            drained = uninstall(config)
            assert drained.returncode == 0, drained.stdout + drained.stderr
            assert "scaled to 0" in drained.stdout
            assert {agents.confirmed(g) for g in kube.list("TaskGrant")} <= {True}
            after = uninstall(config, "--check")
            assert (after.returncode, after.stdout) == (0, "nothing is left\n")
            again = uninstall(config)
            assert again.returncode == 0, again.stdout + again.stderr
        remove_manifests(kube)
        assert ours(kube) == [] and rights_of_agents(kube) == []
        stop_processes(own)
        own.install("base").start_webhook()
        with Operators(own) as operators:
            operators.await_guards()
            becomes_active(own, "again")


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
        kept = [f"CustomResourceDefinition /{kind}.errand.dev" for kind in ("agentidentities", "exemptions", "taskgrants")]
        eventually(lambda: ours(kube) == [*kept, f"Namespace /{SYSTEM}"], 30, 1, "only what the chart keeps is left")
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


def test_with_the_operator_dead_beforehand():
    with own_cluster() as own:
        kube, config = own.kube, own.kube.kubeconfig
        operator = own.start_operator(leader_elect=True)
        eventually(operator.guards_hold, 60, what="the guards hold")
        own.await_guards()
        active_grants(own, "agents")
        pod = agents.running_pod(kube, "agents")
        token = own.cluster.read(pod, VOLUME, "token")
        for process in own.processes:
            process.kill()
        alone = uninstall(config, "--timeout", "60s")
        assert alone.returncode == 1 and "--without-operator" in alone.stderr, alone.stdout + alone.stderr
        assert "taskgrant/slot" in alone.stderr
        done = uninstall(config, "--without-operator")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "The API server rejects the tokens" in done.stdout
        removed = [line.split("/")[0] for line in done.stdout.splitlines() if "errand-g." in line and "deleted" in line]
        assert removed == sorted(removed, key=["RoleBinding", "Secret", "ServiceAccount"].index), "rights go first"
        agents.refused_within(kube, token, 12)
        eventually(lambda: agents.has_ended(kube, "agents", pod["metadata"]["name"]), 15, what="the Job's pod has ended")
        assert uninstall(config, "--check").returncode == 0
        remove_manifests(kube)
        assert ours(kube) == [] and rights_of_agents(kube) == []


def test_a_namespace_whose_operator_is_gone_is_freed_by_one_command():
    with own_cluster() as own:
        kube, config = own.kube, own.kube.kubeconfig
        operator = own.start_operator(leader_elect=True)
        eventually(operator.guards_hold, 60, what="the guards hold")
        own.await_guards()
        active_grants(own, "agents")
        refused = uninstall(config, "--without-operator", "--namespace", "agents")
        assert refused.returncode == 2 and "errand-operator runs" in refused.stderr
        operator.kill()
        kube.delete("Namespace", "agents")
        with pytest.raises(ApiError, match="uninstall --without-operator --namespace"):
            kube.patch("TaskGrant", "task", "agents", {"metadata": {"finalizers": None}})
        policies = ("errand-unmanaged-write", "errand-status-tampering")
        before = [kube.get("ValidatingAdmissionPolicyBinding", name)["spec"] for name in policies]
        done = uninstall(config, "--without-operator", "--namespace", "agents")
        assert done.returncode == 0, done.stdout + done.stderr
        kube.wait_gone("Namespace", "agents", None, 40)
        assert [kube.get("ValidatingAdmissionPolicyBinding", name)["spec"] for name in policies] == before
        assert json.loads(kube.kubectl("get", "taskgrants", "-A", "-o", "json").stdout)["items"] == []
        assert uninstall(config, "--check").returncode == 0


def test_a_grant_that_started_meanwhile_is_ended_as_well():
    """It is created while the operator is being stopped."""
    with own_cluster() as own:
        kube, config = own.kube, own.kube.kubeconfig
        with Operators(own) as operators:
            operators.await_guards()
            own.enroll("agents", roles=("reader",))
            agents.declare(kube, "agents")
            kube.create(agents.grant("agents", "task"))
            kube.create(agents.job("agents"))
            kube.wait_for("TaskGrant", "task", "agents", agents.in_phase("Active"), 40)
            # As a run that was interrupted after it had stopped the operator.
            kube.patch("Deployment", "errand-operator", SYSTEM, {"spec": {"replicas": 0}})
            eventually(lambda: operators.process is None, 20, what="the operator is stopped")
            done = uninstall(config)
            assert done.returncode == 0, done.stdout + done.stderr
            assert "scaled to 1" in done.stdout and "scaled to 0" in done.stdout
            assert agents.confirmed(kube.get("TaskGrant", "task", "agents"))
