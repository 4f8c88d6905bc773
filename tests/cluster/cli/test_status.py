"""`kubectl-errand status` with a user's own rights: what an agent holds, and what the user may not see."""
import json

import pytest
from support import agents
from support.agents import confirmed, in_phase
from support.processes import status
from support.users import kubeconfig, rule, user

pytestmark = pytest.mark.usefixtures("operator", "webhook")
READS = rule("errand.dev", "agentidentities taskgrants", "get list")


def test_what_an_agent_holds_by_a_readers_rights(kube, namespace, tmp_path):
    kube.create(agents.role(namespace))
    kube.create(agents.identity(namespace))
    kube.create(agents.deployment(namespace))
    kube.create(agents.grant(namespace, "task", "Deployment/serve", "Slot"))
    kube.wait_for("TaskGrant", "task", namespace, in_phase("Active"))
    kube.create(agents.grant(namespace, "next", "Deployment/serve", "Slot"))
    kube.wait_for("TaskGrant", "next", namespace, in_phase("Pending"))
    # An agent's own status is written at most twice a second.
    kube.wait_for("AgentIdentity", "bot", namespace, lambda a: a.get("status", {}).get("lastGrantAt"), 10)
    reader = user(kube, namespace, "reader-of-all", READS, rule("", "serviceaccounts", "list"))
    config = kubeconfig(reader, tmp_path / "config", namespace)

    done = status(config, "bot", "--format", "json")
    assert done.returncode == 0 and done.stderr == "", done.stderr
    said = json.loads(done.stdout)
    bot, = said["agents"]
    assert (bot["owner"], bot["state"], bot["namespace"]) == ("sre@example.com", "Enabled", namespace)
    assert [(g["name"], g["state"], g["holdsCredentials"]) for g in bot["grants"]] == [("task", "Active", True),
                                                                                      ("next", "Pending", False)]
    assert bot["grants"][0]["workload"] == "Deployment/serve" and bot["grants"][0]["endsAt"]
    assert bot["slots"] == [{"secretName": "errand-bot-fixer", "toolClass": "fixer", "grant": "task"}]
    assert bot["serviceAccounts"] == [{"name": "errand-a.bot.fixer", "toolClass": "fixer", "exists": True}]
    assert bot["lastGrantAt"] and said["unread"] == []
    text = status(config, "bot").stdout
    assert f"{namespace}/bot" in text and "Deployment/serve" in text
    assert agents.secret_value(kube, namespace, "errand-bot-fixer", "token") not in done.stdout + text
    nobody = status(config, "nobody")
    assert (nobody.returncode, nobody.stdout) == (1, f"no agent nobody in namespace {namespace}\n")

    # Offboarding: until the end is proven, the credentials count as held; then nothing is left.
    kube.patch("AgentIdentity", "bot", namespace, {"spec": {"state": "Suspended"}})
    kube.wait_for("TaskGrant", "task", namespace, in_phase("Revoked"))
    bot, = json.loads(status(config, "bot", "--format", "json").stdout)["agents"]
    assert bot["state"] == "Suspended"
    assert [(g["name"], g["state"]) for g in bot["grants"]] == [("task", "Revoking")]
    kube.wait_for("TaskGrant", "task", namespace, confirmed, 40)
    assert json.loads(status(config, "bot", "--format", "json").stdout)["agents"][0]["grants"] == []


def test_what_a_user_may_not_read_is_said_and_not_guessed(kube, namespace, tmp_path):
    kube.create(agents.identity(namespace))
    narrow = user(kube, namespace, "owner-only", rule("errand.dev", "agentidentities", "get list"))
    config = kubeconfig(narrow, tmp_path / "config", namespace)
    done = status(config)
    assert done.returncode == 2
    assert "Grants:      not known" in done.stdout and "sre@example.com" in done.stdout
    assert f"could not read taskgrants of namespace {namespace}" in done.stderr and "forbidden" in done.stderr
    everywhere = status(config, "-A")
    assert everywhere.returncode == 2 and "agentidentities of all namespaces" in everywhere.stderr
    assert everywhere.stdout == "no agents that you may see\n"


def test_a_cluster_that_cannot_be_reached_is_said(tmp_path):
    done = status(tmp_path / "absent")
    assert done.returncode == 2 and str(tmp_path / "absent") in done.stderr and done.stdout == ""
