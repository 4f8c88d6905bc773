"""Steps of what is refused, and of how tasks end."""
import datetime
import json
import subprocess

from stage import NAMESPACE, Stage, say, stopwatch
from support import agents
from support.agents import condition
from support.kube import ApiError, eventually
from support.processes import ROOT, program
from tasks import CHECKOUT, CONFIG_MAPS, JOB, REFUSED_WITHIN, SLOT, UNDER, answer, phase, refused

SWITCHED = "inc-4711-again"
# The form of an AWS access key, put together here so that no scanner takes this file for one that holds it.
KEY = "AKIA" + "Z7VRSQ5TJN2XMPLB"


def a_literal_key_is_refused(stage: Stage) -> None:
    """A pod with a literal key in its environment is refused, all findings at once, no value shown"""
    message = refusal(stage, pod("leaky", env=[{"name": "CLOUD_KEY", "value": KEY}], automount=True))
    assert "[SC108]" in message and "[SC101]" in message, message
    assert KEY not in message, "the message shows the key"
    for line in message.splitlines():
        say(line)


def a_foreign_pod_cannot_mount_the_slot(stage: Stage) -> None:
    """A pod that is not the agent's cannot mount its slot; one that asks for nothing is welcome"""
    volume = {"name": "v", "secret": {"secretName": "errand-incident-bot-watcher"}}
    message = refusal(stage, pod("thief", volumes=[volume]))
    assert "[SC106]" in message, message
    say(message.splitlines()[-1])
    assert stage.kube.create(pod("harmless"), dry_run=True)["metadata"]["name"] == "harmless"


def a_grant_beyond_the_ceiling_says_so(stage: Stage) -> None:
    """A grant that asks for more than the agent's ceiling stalls, naming the field, and gives nothing"""
    grant = {"apiVersion": "errand.dev/v1alpha1", "kind": "TaskGrant",
             "metadata": {"name": "too-much", "namespace": NAMESPACE},
             "spec": {"agentIdentityRef": {"name": "incident-bot"}, "toolClass": "watcher",
                      "task": {"intent": "Restart checkout with the wrong tools", "risk": "Low"},
                      "workload": {"kind": "Job", "name": "too-much"},
                      "access": {"roles": [{"name": "checkout-restarter"}]}, "window": {"duration": "5m"}}}
    stage.kube.create(grant)
    stalled = stage.kube.wait_for("TaskGrant", "too-much", NAMESPACE,
                                  lambda g: condition(g, "Stalled").get("status") == "True", 10)
    message = condition(stalled, "Stalled")["message"]
    assert "access.roles" in message and phase(stalled) == "Pending", message
    say("Stalled: " + message)
    stage.kube.delete("TaskGrant", "too-much", NAMESPACE)
    stage.kube.wait_gone("TaskGrant", "too-much", NAMESPACE)


def a_revoked_grant_ends_at_once(stage: Stage) -> None:
    """Revoke the running agent's grant: rights end in a second, its token within 11 s, the pod runs on"""
    view = stage.notes["watcher"]
    token = view.token()
    assert answer(stage.kube, token, CONFIG_MAPS) == 200
    since = stopwatch()
    stage.kube.kubectl("-n", NAMESPACE, "patch", "taskgrant", SLOT, "--type=merge", "-p",
                       '{"spec": {"revoke": {"reason": "wrong cluster"}}}')
    eventually(lambda: answer(stage.kube, token, CONFIG_MAPS) in (401, 403), 5, 0.02, "the rights end")
    rights = since()
    refused(stage, token, since)
    say(f"rights gone after {rights:.2f} s, token refused after {since():.1f} s")
    under = stage.kube.wait_for("TaskGrant", UNDER, NAMESPACE, lambda g: phase(g) == "Revoked", 5)
    assert under["status"]["endedBecause"] == "ParentEnded", under["status"]
    assert answer(stage.kube, stage.notes["delegated token"], CONFIG_MAPS) in (401, 403)
    eventually(lambda: not stage.kube.list("Secret", NAMESPACE, f"errand.dev/task-grant={UNDER}"), 5, what="the copy is gone")
    under = stage.notes["delegated"]
    eventually(lambda: under.leased("ticketing-api-key", "api-key") is None, 20, what="the file is gone from the pod")
    eventually(lambda: agents.has_ended(stage.kube, NAMESPACE, under.name), 40, what="its pod has ended")
    say(f"{UNDER}, under it, has ended first, and its copy of the leased Secret is gone; its pod has ended with it")
    stage.kube.wait_for("TaskGrant", SLOT, NAMESPACE, lambda g: phase(g) == "Revoked", 5)
    assert stage.kube.find("Secret", "errand-incident-bot-watcher", NAMESPACE) is None
    eventually(lambda: view.token() is None, 20, what="the pod's files hold no token")
    assert stage.kube.get("Pod", view.name, NAMESPACE)["status"]["phase"] == "Running"
    say("the Secret is gone, the slot is empty, the pod still runs")


def a_window_runs_out(stage: Stage) -> None:
    """The window of 30 s closes on the task that was begun before: it ends though its Job did not"""
    token = stage.notes["short token"]
    grant = stage.kube.wait_for("TaskGrant", "short", NAMESPACE, lambda g: phase(g) == "Expired", 45)
    begin, end = moment(grant["status"]["startedAt"]), moment(grant["status"]["endsAt"])
    assert end - begin == datetime.timedelta(seconds=30), end - begin
    left = (end - datetime.datetime.now(datetime.UTC)).total_seconds() + REFUSED_WITHIN + 1  # endsAt is in whole seconds
    eventually(lambda: answer(stage.kube, token, CHECKOUT) == 401, max(left, 0.1), 0.05, "the token is refused")
    say(f"Expired: {begin:%H:%M:%S} to {end:%H:%M:%S}, endedBecause {grant['status'].get('endedBecause')}")


def a_kill_switch_ends_what_an_agent_holds(stage: Stage) -> None:
    """Suspend the agent: what it holds ends at once, and nothing of it starts until it is enabled again"""
    text = (ROOT / "examples" / "slot-grant.yaml").read_text()
    stage.apply(text.replace(SLOT, SWITCHED))
    stage.kube.wait_for("TaskGrant", SWITCHED, NAMESPACE, lambda g: phase(g) == "Active", 15)
    token = eventually(stage.notes["watcher"].token, 20, what="the token reaches the pod's files")
    assert answer(stage.kube, token, CONFIG_MAPS) == 200
    for line in errand(stage, "status", "incident-bot").splitlines():
        say(line)
    stage.kube.kubectl("-n", NAMESPACE, "patch", "aid", "incident-bot", "--type=merge", "-p", '{"spec": {"state": "Suspended"}}')
    since = stopwatch()
    eventually(lambda: answer(stage.kube, token, CONFIG_MAPS) in (401, 403), 5, 0.02, "the rights end")
    rights = since()
    grant = stage.kube.wait_for("TaskGrant", SWITCHED, NAMESPACE, lambda g: phase(g) == "Revoked", 5)
    assert grant["status"]["endedBecause"] == "IdentitySuspended", grant["status"]
    stage.apply(text.replace(SLOT, "too-late"))
    stage.kube.wait_for("TaskGrant", "too-late", NAMESPACE, lambda g: phase(g) == "Revoked", 10)
    said = json.loads(errand(stage, "status", "incident-bot", "--format", "json"))["agents"][0]
    states = {g["name"]: g["state"] for g in said["grants"]}
    assert said["state"] == "Suspended" and states[SWITCHED] == "Revoking", said
    say(f"rights gone {rights:.2f} s after; a grant asked for meanwhile is Revoked before it starts")


def errand(stage: Stage, *arguments: str) -> str:
    command = [program("kubectl-errand"), *arguments, "--kubeconfig", stage.kube.kubeconfig, "-n", NAMESPACE]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def nothing_is_left_and_each_end_is_proved(stage: Stage) -> None:
    """Each end is proved by TokenReview, nothing of the tasks is left, and no log or object holds a token"""
    for name in (JOB, SLOT, UNDER, "short", SWITCHED):
        grant = stage.kube.wait_for("TaskGrant", name, NAMESPACE,
                                    lambda g: g["status"].get("revocation", {}).get("confirmedAt"), 60)
        revocation = grant["status"]["revocation"]
        assert revocation["confirmedBy"] == "TokenReview", revocation
    for kind in ("ServiceAccount", "RoleBinding", "Secret"):
        left = [o["metadata"]["name"] for o in stage.kube.list(kind, NAMESPACE)]
        assert not [name for name in left if name.startswith(("errand-g.", "errand-incident-bot"))], (kind, left)
    assert len(stage.tokens) >= 3
    written = "".join(p.log.read_text(errors="replace") for p in stage.installation.processes)
    written += stage.kube.kubectl("get", "tg,aid,events.events.k8s.io", "-n", NAMESPACE, "-o", "yaml").stdout
    assert not [token for token in stage.tokens if token in written or token.rsplit(".", 1)[1] in written]
    for line in stage.kube.kubectl("get", "tg,aid", "-n", NAMESPACE).stdout.splitlines():
        say(line)


def refusal(stage: Stage, body: dict) -> str:
    try:
        stage.kube.create(body)
    except ApiError as error:
        assert "denied the request" in error.message, error
        return error.message
    raise AssertionError(f"pod {body['metadata']['name']} was admitted")


def pod(name: str, env=(), volumes=(), automount=False) -> dict:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NAMESPACE},
            "spec": {"automountServiceAccountToken": automount, "volumes": list(volumes),
                     "containers": [{"name": "app", "image": "localhost/busybox:1", "env": list(env)}]}}


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)
