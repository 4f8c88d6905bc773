"""Steps of the two kinds of task: a Job made for it, and an agent that runs all the time."""
import base64
import datetime

from agentview import FILES, STANDARD, AgentView, answer
from stage import NAMESPACE, Stage, say, stopwatch
from support.agents import claims, condition
from support.kube import eventually
from support.processes import ROOT

JOB, SLOT, UNDER = "inc-4711-restart", "inc-4711-watch", "inc-4711-lookup"
CONFIG_MAPS = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
CHECKOUT = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/checkout"
SECONDS_HELD = 6
REFUSED_WITHIN = 11  # the API server trusts a token it has just seen for 10 s


def a_job_waits_with_its_grant(stage: Stage) -> None:
    """Apply a Job together with its grant (examples/job-with-grant.yaml), not to start for some seconds"""
    begin = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=SECONDS_HELD)
    text = (ROOT / "examples" / "job-with-grant.yaml").read_text()
    later = text.replace("window: {duration: 5m}", f'window: {{duration: 5m, notBefore: "{begin:%Y-%m-%dT%H:%M:%SZ}"}}')
    assert later != text
    stage.apply(later)
    pod = pod_of(stage, f"batch.kubernetes.io/job-name={JOB}")
    assert {"name": "errand.dev/grant"} in pod["spec"].get("schedulingGates", []), "the pod has no gate"
    grant = stage.kube.wait_for("TaskGrant", JOB, NAMESPACE, lambda g: phase(g) == "Scheduled", 10)
    account = pod["spec"]["serviceAccountName"]
    assert account == "errand-g." + grant["metadata"]["uid"].replace("-", "")[:20], account
    user = f"system:serviceaccount:{NAMESPACE}:{account}"
    assert not stage.kube.allowed(user, "patch", "deployments", NAMESPACE, "checkout", "apps")
    assert pod["spec"]["activeDeadlineSeconds"] <= 300
    say(f"grant Scheduled; the pod was completed by the webhook, runs as {account} and waits at errand.dev/grant")


def the_grant_starts_and_the_job_acts(stage: Stage) -> None:
    """The grant becomes Active and lifts the gate: the agent may do what its Role says, and nothing else"""
    grant = stage.kube.wait_for("TaskGrant", JOB, NAMESPACE, lambda g: phase(g) == "Active", SECONDS_HELD + 10)
    pod = running(stage, f"batch.kubernetes.io/job-name={JOB}")
    view = AgentView(stage, pod)
    token = eventually(view.token, 15, what="the projected token is in the pod")
    body = claims(token)
    assert body["sub"] == f"system:serviceaccount:{NAMESPACE}:{pod['spec']['serviceAccountName']}"
    assert body["kubernetes.io"]["pod"]["uid"] == pod["metadata"]["uid"]
    assert body["exp"] - body["iat"] <= 600, f"a token of {body['exp'] - body['iat']} s"
    say(f"Active until {grant['status']['endsAt']}; the token is bound to this pod and lasts {body['exp'] - body['iat']} s")
    eventually(lambda: view.did("PATCH /apis/apps", 200), 20, what="the agent restarts checkout")
    eventually(lambda: view.did("GET /api/v1/namespaces/{namespace}/secrets", 403), 10, what="Secrets are refused")
    assert view.did("DELETE /apis/apps", 403)
    checkout = stage.kube.get("Deployment", "checkout", NAMESPACE)
    assert checkout["spec"]["template"]["metadata"]["annotations"]["restarted-for"] == "INC-4711"
    say("PATCH deployments/checkout 200; DELETE deployments/checkout 403; GET secrets 403")
    stage.notes["job token"], stage.notes["job pod"] = token, pod["metadata"]["name"]


def a_finished_job_loses_its_rights(stage: Stage) -> None:
    """The Job completes: its grant ends with it, and the API server refuses its token within 11 s"""
    token = stage.notes["job token"]
    assert answer(stage.kube, token, CHECKOUT) == 200, "the token should be good while the Job runs"
    finish_hollow(stage, stage.notes["job pod"])
    stage.kube.wait_for("Job", JOB, NAMESPACE, lambda j: has(j, "Complete"), 30, poll=0.02)
    since = stopwatch()
    eventually(lambda: answer(stage.kube, token, CHECKOUT) in (401, 403), 5, 0.02, "the Job's rights end")
    rights = since()
    refused(stage, token, since)
    say(f"rights gone {rights:.2f} s and token refused {since():.1f} s after the Job completed")
    stage.kube.wait_for("TaskGrant", JOB, NAMESPACE, lambda g: phase(g) == "Completed", 5)


def a_running_agent_holds_nothing_between_tasks(stage: Stage) -> None:
    """A Deployment runs all the time (examples/slot-deployment.yaml): with no task it has no credential"""
    start_short_task(stage)
    stage.apply_example("slot-deployment.yaml")
    pod = running(stage, "component=watcher")
    view = AgentView(stage, pod)
    eventually(lambda: view.did("GET", 0), 15, what="the agent finds no token")
    assert view.token() is None
    assert not [v for v in pod["spec"]["volumes"] if v["name"].startswith("kube-api-access")]
    stage.notes["watcher"] = view
    say(f"pod {view.name} runs as {pod['spec']['serviceAccountName']}; its slot is empty")


def a_slot_is_filled_for_a_task(stage: Stage) -> None:
    """A grant for it (examples/slot-grant.yaml) fills the slot of the running pod, without a restart"""
    view: AgentView = stage.notes["watcher"]
    stage.apply_example("slot-grant.yaml")
    stage.kube.wait_for("TaskGrant", SLOT, NAMESPACE, lambda g: phase(g) == "Active", 15)
    secret = stage.kube.get("Secret", "errand-incident-bot-watcher", NAMESPACE)
    token = eventually(view.token, 20, what="the token reaches the pod's files")
    bound = claims(token)["kubernetes.io"]["secret"]
    assert bound == {"name": secret["metadata"]["name"], "uid": secret["metadata"]["uid"]}, bound
    eventually(lambda: view.did("GET", 200), 20, what="the agent reads ConfigMaps")
    pod = stage.kube.get("Pod", view.name, NAMESPACE)
    assert pod["status"]["containerStatuses"][0]["restartCount"] == 0
    status = stage.kube.get("TaskGrant", SLOT, NAMESPACE)["status"]
    assert status["credentials"][0]["credentialID"] == claims(token)["jti"]
    say(f"the token is bound to this very Secret, expires {status['credentials'][0]['expiresAt']}; GET configmaps 200")


def a_task_is_delegated(stage: Stage) -> None:
    """The agent delegates (examples/delegated-lookup.yaml): a Job under its grant, with a leased Secret as a file"""
    stage.apply_example("delegated-lookup.yaml")
    stage.kube.wait_for("TaskGrant", UNDER, NAMESPACE, lambda g: phase(g) == "Active", 15)
    view = stage.notes["delegated"] = AgentView(stage, running(stage, f"batch.kubernetes.io/job-name={UNDER}"))
    token = stage.notes["delegated token"] = eventually(view.token, 15, what="the delegated task has its token")
    eventually(lambda: answer(stage.kube, token, CONFIG_MAPS) == 200, 5, what="it reads ConfigMaps")
    source = stage.kube.get("Secret", "ticketing-api-key", NAMESPACE)["data"]["api-key"]
    value = eventually(lambda: view.leased("ticketing-api-key", "api-key"), 15, what="the leased Secret is in its files")
    assert value == base64.b64decode(source).decode(), "the file holds something else than the Secret"
    if stage.cluster.real:
        assert view.inside(f"{FILES}/token") == view.inside(f"{STANDARD}/token") == token, "the container has it at both paths"
        assert view.inside(f"{FILES}/ticketing-api-key/api-key") == value
        say("its container sees the token at both paths, and the leased Secret beside it")
    say(f"Active under {SLOT}: GET configmaps 200; ticketing-api-key/api-key is in the pod's files")


def start_short_task(stage: Stage) -> None:
    """Begins the task of 30 s whose end a later step awaits."""
    text = (ROOT / "examples" / "job-with-grant.yaml").read_text()
    text = text.replace(JOB, "short").replace("duration: 5m", "duration: 30s").replace("--hold=5s", "--hold=10m")
    stage.apply(text)
    pod = running(stage, "batch.kubernetes.io/job-name=short")
    token = stage.notes["short token"] = eventually(AgentView(stage, pod).token, 15, what="the short task has its token")
    eventually(lambda: answer(stage.kube, token, CHECKOUT) == 200, 5, what="the short task has its rights")
    say("meanwhile another Job begins, with a window of 30 s")


def refused(stage: Stage, token: str, since) -> None:
    eventually(lambda: answer(stage.kube, token, CHECKOUT) == 401, REFUSED_WITHIN + 5, 0.05, "the token is refused")
    assert since() <= REFUSED_WITHIN, f"the token was good for {since():.1f} s more"


def finish_hollow(stage: Stage, pod: str) -> None:
    """On the hollow node nothing runs that could end by itself."""
    if not stage.cluster.real:
        stage.kube.patch("Pod", pod, NAMESPACE, {"metadata": {"annotations": {"hollow.errand.dev/exit": "0"}}})


def pod_of(stage: Stage, labels: str) -> dict:
    return eventually(lambda: stage.kube.list("Pod", NAMESPACE, labels), 15, what=f"a pod with {labels}")[0]


def running(stage: Stage, labels: str) -> dict:
    """The pod once it runs, or has run: a Job's may be done before anyone looks."""
    def look() -> dict | None:
        pods = [p for p in stage.kube.list("Pod", NAMESPACE, labels)
                if p["status"].get("phase") in ("Running", "Succeeded")]
        return pods[0] if pods else None

    return eventually(look, 30, what=f"the pod with {labels} runs")


def phase(grant: dict) -> str:
    return grant.get("status", {}).get("phase", "")


def has(thing: dict, kind: str) -> bool:
    return condition(thing, kind).get("status") == "True"
