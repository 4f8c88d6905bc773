"""The commands that change something, with a user's own rights: enroll, revoke, suspend, resume."""
import subprocess

import pytest
import yaml
from support import agents
from support.agents import in_phase
from support.enrolment import enroll
from support.processes import program
from support.users import kubeconfig, rule, user

pytestmark = pytest.mark.usefixtures("operator", "webhook")


def errand(config, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([program("kubectl-errand"), *arguments, *(["--kubeconfig", str(config)] if config else [])],
                          check=False, capture_output=True, text=True)


def active(kube, namespace: str, name: str = "task") -> None:
    kube.create(agents.role(namespace))
    kube.create(agents.identity(namespace))
    kube.create(agents.deployment(namespace))
    kube.create(agents.grant(namespace, name, "Deployment/serve", "Slot"))
    kube.wait_for("TaskGrant", name, namespace, in_phase("Active"))


def test_revoke_waits_until_the_tokens_are_refused(kube, namespace, tmp_path):
    active(kube, namespace)
    config = kubeconfig(user(kube, namespace, "operations", rule("errand.dev", "taskgrants", "get patch")), tmp_path / "c", namespace)
    missing = errand(config, "revoke", "absent")
    assert missing.returncode == 2 and "absent" in missing.stderr
    early = errand(config, "revoke", "task", "--reason", "wrong cluster", "--timeout", "2s")
    assert early.returncode == 1 and "not yet known to be refused" in early.stderr, early.stderr
    done = errand(config, "revoke", "task", "absent")
    assert done.returncode == 2 and "Revoked (RevokeRequested), rights gone after" in done.stdout, done.stdout + done.stderr
    grant = kube.get("TaskGrant", "task", namespace)
    assert grant["spec"]["revoke"] == {"reason": "wrong cluster"} and grant["status"]["revocation"]["confirmedAt"]
    again = errand(config, "revoke", "task")
    assert again.returncode == 0 and kube.get("TaskGrant", "task", namespace)["spec"]["revoke"] == {"reason": "wrong cluster"}


def test_who_may_not_revoke_or_suspend_is_told_so(kube, namespace, tmp_path):
    active(kube, namespace)
    reader = rule("errand.dev", "taskgrants agentidentities", "get list")
    config = kubeconfig(user(kube, namespace, "reader-only", reader), tmp_path / "c", namespace)
    for arguments in (("revoke", "task"), ("suspend", "bot"), ("suspend", "--whole-namespace")):
        done = errand(config, *arguments)
        assert done.returncode == 2 and "forbidden" in done.stderr.lower(), (arguments, done.stderr)
    assert kube.get("TaskGrant", "task", namespace)["status"]["phase"] == "Active"
    both = errand(config, "suspend", "bot", "--whole-namespace")
    assert both.returncode == 2 and "--whole-namespace" in both.stderr
    neither = errand(config, "resume")
    assert neither.returncode == 2 and "name agents" in neither.stderr


def test_suspend_ends_the_agents_grants_and_resume_lets_others_start(kube, namespace, tmp_path):
    active(kube, namespace)
    config = kubeconfig(user(kube, namespace, "on-call", rule("errand.dev", "agentidentities", "get patch define", "bot"),
                             rule("rbac.authorization.k8s.io", "roles clusterroles", "bind"), rule("", "secrets", "get"),
                             rule("errand.dev", "audiences", "grant")), tmp_path / "c", namespace)
    done = errand(config, "suspend", "bot", "absent")
    assert done.returncode == 2 and done.stdout == "agentidentity/bot suspended\n" and "absent" in done.stderr
    kube.wait_for("TaskGrant", "task", namespace, in_phase("Revoked"))
    resumed = errand(config, "resume", "bot")
    assert resumed.stdout == "agentidentity/bot resumed\n", resumed.stderr
    kube.create(agents.grant(namespace, "next", "Deployment/serve", "Slot"))
    kube.wait_for("TaskGrant", "next", namespace, in_phase("Active"), 60)


def test_a_namespace_is_enrolled_completed_and_left_as_it_is(kube):
    name = "enrolled-by-command"
    printed = errand(None, "enroll", name, "--bind", "reader")
    assert printed.returncode == 0
    assert [d["kind"] for d in yaml.safe_load_all(printed.stdout)] == ["Namespace", "Role", "RoleBinding", "RoleBinding", "NetworkPolicy"]
    config = kube.kubeconfig
    done = errand(config, "enroll", name, "--bind", "reader", "--apply")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"Namespace/{name} labelled"
    again = errand(config, "enroll", name, "--bind", "reader", "--apply")
    assert again.returncode == 0 and all(line.endswith(" unchanged") for line in again.stdout.splitlines()), again.stdout
    more = errand(config, "enroll", name, "--bind", "clusterrole/view", "--apply")
    assert more.returncode == 0 and "Role/errand-operator-bind completed" in more.stdout
    rules = kube.get("Role", "errand-operator-bind", name)["rules"]
    assert [r["resourceNames"] for r in rules] == [["reader"], ["view"]]
    enroll(kube, name, ("reader",), ("view",), settle=True)  # changes nothing, and waits until the enrolment counts
    assert [r["resourceNames"] for r in kube.get("Role", "errand-operator-bind", name)["rules"]] == [["reader"], ["view"]]
    kube.create(agents.role(name))
    kube.create(agents.identity(name))
    kube.create(agents.deployment(name))
    kube.create(agents.grant(name, "task", "Deployment/serve", "Slot"))
    kube.wait_for("TaskGrant", "task", name, in_phase("Active"), 60)
    kube.delete("Namespace", name)


def test_a_misspelt_command_is_answered_by_the_right_one():
    wrong = errand(None, "statsu")
    assert wrong.returncode == 2 and 'there is no command "statsu"; did you mean status?' in wrong.stderr
    bare = errand(None)
    assert bare.returncode == 2 and "enroll" in bare.stderr and bare.stdout == ""


def test_uninstall_without_the_rights_or_with_wrong_flags_changes_nothing(kube, namespace, tmp_path):
    active(kube, namespace)
    config = kubeconfig(user(kube, namespace, "looks-on", rule("errand.dev", "taskgrants", "get list")), tmp_path / "c", namespace)
    check = errand(config, "uninstall", "--check", "-n", namespace)
    assert check.returncode == 2 and "taskgrant/task" in check.stdout and f"rolebindings of namespace {namespace}" in check.stderr
    for arguments in ((), ("--without-operator", "-n", namespace)):
        done = errand(config, "uninstall", *arguments)
        assert done.returncode == 2 and "forbidden" in done.stderr, (arguments, done.stderr)
    for arguments, says in ((("--check", "--without-operator"), "leave --without-operator out"), (("-n", namespace), "needs --check"),
                            (("--timeout", "0s"), "--timeout")):
        wrong = errand(kube.kubeconfig, "uninstall", *arguments)
        assert wrong.returncode == 2 and says in wrong.stderr, (arguments, wrong.stderr)
    listed = errand(kube.kubeconfig, "uninstall", "--check", "-n", namespace)
    assert listed.returncode == 1 and {line.split()[0] for line in listed.stdout.splitlines()[1:]} == {namespace}
    assert kube.get("TaskGrant", "task", namespace)["status"]["phase"] == "Active"
