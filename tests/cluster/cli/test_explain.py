"""`kubectl errand explain`: the usual mistakes, each with its field and the command that mends it, which is run here."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest
from support import agents, users
from support.agents import confirmed, in_phase
from support.enrolment import SINCE, set_mode
from support.kube import eventually
from support.processes import program
from support.users import kubeconfig, rule, user

pytestmark = pytest.mark.usefixtures("operator", "webhook")
READS = (rule("errand.dev", "taskgrants agentidentities", "get list"), rule("batch", "jobs", "get list"), rule("", "pods", "get list"))


def explain(kube, namespace: str, target: str, config=None) -> tuple[int, list[dict], str]:
    """Exit code, checks and text."""
    command = [program("kubectl-errand"), "explain", target, "-n", namespace, "--kubeconfig", str(config or kube.kubeconfig)]
    text = subprocess.run(command, check=False, capture_output=True, text=True)
    done = subprocess.run([*command, "--format", "json"], check=False, capture_output=True, text=True)
    return done.returncode, json.loads(done.stdout)["checks"] if done.stdout else [], text.stdout + text.stderr


def problem(kube, namespace: str, target: str, field: str, config=None) -> dict:
    code, checks, text = explain(kube, namespace, target, config)
    assert code in (1, 2), text
    found = [p for c in checks for p in c["problems"] if p["field"] == field]
    assert found, text
    assert all(command in text for command in found[0]["commands"]), text
    return found[0]


def follow(kube, problem_: dict) -> None:
    """Runs the first command, as an administrator in a shell."""
    command = problem_["commands"][0]
    path = os.pathsep.join([str(pathlib.Path(shutil.which(kube.kubectl_path) or kube.kubectl_path).parent),
                            str(program("kubectl-errand").parent), os.environ["PATH"]])
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], check=False, capture_output=True, text=True,
                          env={**os.environ, "PATH": path, "KUBECONFIG": str(kube.kubeconfig)})
    assert done.returncode == 0, (command, done.stdout, done.stderr)


def becomes_active(kube, namespace: str, name: str = "task") -> None:
    kube.wait_for("TaskGrant", name, namespace, in_phase("Active"), 60)
    code, _, text = explain(kube, namespace, f"taskgrant/{name}")
    assert code == 0, text


def test_a_healthy_grant_and_its_job_and_pod_have_nothing_wrong(kube, world):
    kube.create(agents.grant(world, "task"))
    kube.create(agents.job(world))
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    pod = agents.running_pod(kube, world)["metadata"]["name"]
    for target in ("task", "fix", "job/fix", "jobs.batch/fix", f"pod/{pod}", pod):
        code, checks, text = explain(kube, world, target)
        assert code == 0, text
        assert [c["check"] for c in checks] == ["pod", "workload", "grant", "requester", "identity", "class", "role", "namespace"]
        assert {c["verdict"] for c in checks} == {"ok"}, text
        assert "Active until" in text and f"Pod/{pod}: Running" in text


def test_a_wrong_tool_class(kube, world):
    kube.create(agents.job(world, idle=True))
    kube.create(agents.grant(world, "task", toolClass="fixr"))
    found = problem(kube, world, "task", "spec.toolClass")
    assert found["reason"] == "ToolClassNotFound"
    follow(kube, found)
    becomes_active(kube, world)


def test_a_role_that_the_operator_may_not_bind(kube, world):
    kube.create(agents.role(world, "unlisted"))
    kube.create(agents.identity(world, "wide", access={"roles": [{"name": "unlisted"}]}, slot=None))
    kube.create(agents.job(world, idle=True))
    kube.create(agents.grant(world, "task", agent="wide", access={"roles": [{"name": "unlisted"}]}))
    found = problem(kube, world, "task", "spec.access.roles[0]")
    assert found["reason"] == "MayNotBind" and found["commands"] == [f"kubectl errand enroll {world} --bind unlisted --apply"]
    kube.wait_for("TaskGrant", "task", world, agents.stalled("may not bind"))
    follow(kube, found)
    becomes_active(kube, world)


def test_a_namespace_that_is_not_enrolled(kube, world):
    set_mode(kube, world, None)
    kube.create(agents.grant(world, "task"))
    found = problem(kube, world, "task", "metadata.labels[errand.dev/enforce]")
    assert found["commands"] == [f"kubectl errand enroll {world} --bind reader --apply"]
    follow(kube, found)
    kube.wait_for("Namespace", world, None, lambda n: n["metadata"].get("annotations", {}).get(SINCE))
    set_mode(kube, world, "true")
    eventually(lambda: explain(kube, world, "task")[0] == 0, 30, 0.5, "the enrolment counts")
    kube.create(agents.job(world, idle=True))
    becomes_active(kube, world)


def test_a_window_that_is_too_long(kube, world):
    kube.create(agents.job(world, idle=True))
    kube.create(agents.grant(world, "task", duration="20h"))
    found = problem(kube, world, "task", "spec.window.duration")
    assert found["reason"] == "BeyondCeiling" and "maxDuration" in found["message"]
    follow(kube, found)
    becomes_active(kube, world)
    assert kube.get("TaskGrant", "task", world)["spec"]["window"]["duration"] == "1h"


def test_a_missing_label(kube, world):
    kube.create(agents.job(world, grant_name="", idle=True))
    kube.create(agents.grant(world, "task"))
    found = problem(kube, world, "job/fix", "spec.workload")
    assert found == problem(kube, world, "task", "spec.workload") and found["reason"] == "WorkloadNotLabelled"
    follow(kube, found)
    becomes_active(kube, world)


LABEL = "spec.template.metadata.labels[errand.dev/task-grant]"


def test_a_label_that_names_the_wrong_grant(kube, world):
    kube.create(agents.grant(world, "task", workload="Job/other"))
    kube.create(agents.job(world, idle=True))
    found = problem(kube, world, "fix", LABEL)
    assert 'TaskGrant "task" is for Job "other"' in found["message"]
    follow(kube, found)
    becomes_active(kube, world)


def test_a_label_that_names_another_grant_than_the_one_for_the_job(kube, world):
    kube.create(agents.grant(world, "task", workload="Job/other"))
    kube.create(agents.grant(world, "right"))
    kube.create(agents.job(world, idle=True))
    found = problem(kube, world, "fix", LABEL)
    assert 'TaskGrant "right" is for Job/fix' in found["message"]
    kube.wait_for("TaskGrant", "right", world, in_phase("Active"))
    assert problem(kube, world, "right", LABEL)["commands"] == found["commands"]
    follow(kube, found)  # the Job that the grant had is gone, so the grant has ended
    kube.wait_for("TaskGrant", "right", world, in_phase("Failed"))
    code, checks, text = explain(kube, world, "right")
    assert code == 1, text
    ended, = [p for c in checks for p in c["problems"]]
    assert ended["reason"] == "WorkloadDeleted"
    follow(kube, ended)
    becomes_active(kube, world, "right")


def test_a_misspelt_workload(kube, world):
    kube.create(agents.job(world, idle=True))
    kube.create(agents.grant(world, "task", workload="Job/fx"))
    found = problem(kube, world, "task", "spec.workload.name")
    assert 'did you mean Job "fix"' in found["message"]
    follow(kube, found)
    becomes_active(kube, world)


def test_labels_that_do_not_match_the_pod_selector(kube, world):
    kube.create(agents.job(world, app="other", idle=True))
    kube.create(agents.grant(world, "task"))
    found = problem(kube, world, "task", "spec.workload")
    assert found["reason"] == "BeyondCeiling" and "spec.podSelector" in found["message"]
    follow(kube, found)
    becomes_active(kube, world)


def for_a_while(namespace: str) -> dict:
    return agents.grant(namespace, "task", window={"duration": "10m", "notAfter": agents.in_seconds(600)})


def test_a_user_without_the_verb_request(kube, world, tmp_path):
    alice = user(kube, world, "alice", users.CREATE_GRANTS, *READS, users.ours("run"))
    config = kubeconfig(alice, tmp_path / "c", world)
    assert agents.refusal(lambda: alice.create(for_a_while(world))) == 403
    found = problem(kube, world, "task", "verb request on AgentIdentity bot", config)
    assert f"--serviceaccount={users.HOME}:alice-{world}" in found["commands"][0]
    follow(kube, found)
    eventually(lambda: agents.refusal(lambda: alice.create(for_a_while(world))) in (200, 409), 20, 0.5, "alice may request")
    kube.create(agents.job(world, idle=True))
    becomes_active(kube, world)


def test_a_user_without_the_verb_run(kube, world, tmp_path):
    alice = user(kube, world, "alice", users.CREATE_GRANTS, *READS, users.ours("request"), *users.CREATE_WORKLOADS)
    config = kubeconfig(alice, tmp_path / "c", world)
    alice.create(for_a_while(world))
    assert agents.refusal(lambda: alice.create(agents.job(world, idle=True))) == 403
    found = problem(kube, world, "task", "verb run on AgentIdentity bot", config)
    follow(kube, found)
    eventually(lambda: agents.refusal(lambda: alice.create(agents.job(world, idle=True))) in (200, 409), 20, 0.5, "alice may run")
    becomes_active(kube, world)


def test_a_requester_who_lost_the_verb(kube, world):
    alice = users.person(kube, world, "alice", users.CREATE_GRANTS, users.ours("request run"), *users.CREATE_WORKLOADS)
    alice.create(agents.grant(world, "task"))
    users.allow(kube, world, f"alice.{world}", users.CREATE_GRANTS)
    kube.create(agents.job(world, idle=True))
    kube.wait_for("TaskGrant", "task", world, in_phase("Denied", "Revoked"), 30)
    code, checks, text = explain(kube, world, "task")
    assert code == 1, text
    found, = [p for c in checks for p in c["problems"]]
    assert found["reason"] == "RequesterNotAuthorized" and f"--user=alice.{world}" in found["commands"][0]
    follow(kube, found)
    assert kube.allowed(f"alice.{world}", "request", "agentidentities", world, "bot", "errand.dev")


def test_a_user_with_few_rights_reads_what_is_not_known(kube, world, tmp_path):
    kube.create(agents.job(world, idle=True))
    kube.create(agents.grant(world, "task"))
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    config = kubeconfig(user(kube, world, "narrow", rule("errand.dev", "taskgrants", "get")), tmp_path / "c", world)
    code, checks, text = explain(kube, world, "task", config)
    assert code == 2, text
    verdicts = {c["check"]: c["verdict"] for c in checks}
    assert verdicts["grant"] == "ok"
    for check in ("workload", "requester", "identity", "role", "namespace"):
        assert verdicts[check] == "unknown", text
    assert "forbidden" in text and not [c for c in checks if c["problems"]], text
    nothing = kubeconfig(user(kube, world, "nobody"), tmp_path / "n", world)
    code, checks, text = explain(kube, world, "taskgrant/task", nothing)
    assert code == 2 and {c["check"]: c["verdict"] for c in checks}["grant"] == "unknown", text


def test_an_end_is_explained_by_cause_time_and_proof(kube, world):
    kube.create(agents.job(world, idle=True))
    kube.create(agents.grant(world, "task"))
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    kube.patch("AgentIdentity", "bot", world, {"spec": {"state": "Suspended"}})
    ended = kube.wait_for("TaskGrant", "task", world, in_phase("Revoked"))
    code, checks, text = explain(kube, world, "task")
    assert code == 1 and f"Revoked since {ended['status']['endedAt']}" in text, text
    found, = [p for c in checks for p in c["problems"]]
    assert found["reason"] == "IdentitySuspended" and found["commands"][0] == f"kubectl errand resume bot -n {world}"
    kube.wait_for("TaskGrant", "task", world, confirmed, 40)
    assert "confirmed at" in explain(kube, world, "task")[2]
    follow(kube, found)
    assert kube.get("AgentIdentity", "bot", world)["spec"]["state"] == "Enabled"


def test_a_name_of_several_objects_needs_its_kind(kube, world):
    kube.create(agents.grant(world, "fix"))
    kube.create(agents.job(world, grant_name="fix", idle=True))
    code, _, text = explain(kube, world, "fix")
    assert code == 2 and "TaskGrant/fix, Job/fix; name the kind" in text
    code, _, text = explain(kube, world, "joob/fix")
    assert code == 2 and "did you mean job/fix?" in text
    code, _, text = explain(kube, world, "absent")
    assert code == 1 and 'there is no TaskGrant "absent"' in text
