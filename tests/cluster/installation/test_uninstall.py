"""Removing Errand with and without its operator: nothing of it and no right is left. The chart: test_uninstall_chart.py."""
import json

import pytest
from support import agents
from support.agents import VOLUME
from support.kube import ApiError, eventually
from support.processes import SYSTEM
from support.uninstalling import (Operators, active_grants, becomes_active, ours, own_cluster, remove_manifests, rights_of_agents,
                                  stop_processes, uninstall)


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


def test_manifests_that_were_deleted_first_go_after_one_command():
    """The CRDs wait for grants whose operator was deleted with them."""
    with own_cluster() as own:
        kube, config = own.kube, own.kube.kubeconfig
        operator = own.start_operator(leader_elect=True)
        eventually(operator.guards_hold, 60, what="the guards hold")
        own.await_guards()
        active_grants(own, "agents")
        stop_processes(own)
        remove_manifests(kube, "--wait=false")
        kube.wait_for("TaskGrant", "task", "agents", lambda g: g["metadata"].get("deletionTimestamp"), 30)
        asked = uninstall(config)
        assert asked.returncode == 1 and "--without-operator" in asked.stderr
        done = uninstall(config, "--without-operator")
        assert done.returncode == 0, done.stdout + done.stderr
        eventually(lambda: ours(kube) == [], 40, 1, "nothing is left")
        assert rights_of_agents(kube) == []
