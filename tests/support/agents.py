"""Objects of a small world for tests: an identity, roles, workloads, grants, and what is asked of them."""
import base64
import concurrent.futures
import datetime
import json

from support.kube import ApiError, Kube, eventually

IMAGE = "localhost/agent:1"
AUDIENCE = "https://mcp.example.com"
ACCESS = {"roles": [{"name": "reader"}], "audiences": [{"name": AUDIENCE}]}
VOLUME = "errand-credentials"  # of a completed pod


def identity(namespace: str, name: str = "bot", app: str = "bot", **tool_class) -> dict:
    """Of one tool class; it selects the pods of `app`."""
    spec = {"name": "fixer", "risk": "High", "maxDuration": "1h", "maxActiveGrants": 4,
            "access": {"roles": [{"name": "reader"}, {"name": "writer"}], "clusterRoles": [{"name": "view"}],
                       "audiences": [{"name": AUDIENCE, "file": "mcp"}],
                       "secrets": [{"name": "ticketing"}]},
            "slot": {"secretName": f"errand-{name}-fixer"}}
    spec.update(tool_class)
    return {"apiVersion": "errand.dev/v1alpha1", "kind": "AgentIdentity", "metadata": {"name": name, "namespace": namespace},
            "spec": {"owner": "sre@example.com", "podSelector": {"matchLabels": {"app": app}}, "toolClasses": [spec]}}


def role(namespace: str, name: str = "reader", verbs: tuple[str, ...] = ("get", "list")) -> dict:
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": name, "namespace": namespace},
            "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": list(verbs)}]}


def grant(namespace: str, name: str, workload: str = "Job/fix", mode: str = "Projected", duration: str = "10m",
          agent: str = "bot", **spec) -> dict:
    kind, _, workload_name = workload.partition("/")
    body = {"agentIdentityRef": {"name": agent}, "toolClass": "fixer", "task": {"intent": "test", "risk": "High"},
            "workload": {"kind": kind, "name": workload_name}, "access": {"roles": [{"name": "reader"}]},
            "window": {"duration": duration}, "delivery": {"mode": mode}}
    body.update(spec)
    return {"apiVersion": "errand.dev/v1alpha1", "kind": "TaskGrant", "metadata": {"name": name, "namespace": namespace},
            "spec": body}


def _template(app: str, annotations: dict, labels: dict, account: str | None) -> dict:
    spec = {"restartPolicy": "Never", "automountServiceAccountToken": False,
            "containers": [{"name": "agent", "image": IMAGE}]}
    if account:
        spec["serviceAccountName"] = account
    return {"metadata": {"labels": {"app": app, **labels}, "annotations": annotations}, "spec": spec}


def _mounting(slot: str | None, template: dict) -> dict:
    if slot:
        template["spec"]["volumes"] = [{"name": "slot", "secret": {"secretName": slot, "optional": True}}]
    return template


def job(namespace: str, name: str = "fix", grant_name: str = "task", ends: str | None = None, app: str = "bot",
        idle: bool = False, slot: str | None = None, **spec) -> dict:
    """A Job whose pods are labelled for a grant, unless that name is empty. With `ends`, its hollow container ends with
    exit code 0 after that time; with `idle` it runs no pod; with `slot` its pods mount that Secret."""
    annotations = {"hollow.errand.dev/exit": "0", "hollow.errand.dev/after": ends} if ends else {}
    labels = {"errand.dev/task-grant": grant_name} if grant_name else {}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": namespace},
            "spec": {"backoffLimit": 0, "completions": 1, "parallelism": 0 if idle else 1, **spec,
                     "template": _mounting(slot, _template(app, annotations, labels, f"errand-a.{app}.fixer" if slot else None))}}


def cron_job(namespace: str, name: str = "nightly", template: dict | None = None) -> dict:
    """A CronJob that is not due for years, of pods with that template."""
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name, "namespace": namespace},
            "spec": {"schedule": "0 0 29 2 *",
                     "jobTemplate": {"spec": {"template": template or _template("other", {}, {}, None)}}}}


def leasable(namespace: str, name: str = "ticketing", **data: str) -> dict:
    """A Secret that may be leased."""
    return {"apiVersion": "v1", "kind": "Secret", "stringData": data or {"key": "s1"},
            "metadata": {"name": name, "namespace": namespace, "labels": {"errand.dev/leasable": "true"}}}


def declare(kube: Kube, namespace: str, *roles: str) -> None:
    """Makes the Roles (`reader` where none is named) and the AgentIdentity `bot`; returns once that is Ready."""
    for name in roles or ("reader",):
        kube.create(role(namespace, name))
    kube.create(identity(namespace))
    kube.wait_for("AgentIdentity", "bot", namespace, lambda a: condition(a, "Ready").get("status") == "True")


def apply_many(installation, ns: str, count: int, duration: str = "10m") -> None:
    """Enrols the namespace and creates `count` Projected grants g-0, g-1 and so on there that may all be Active: for
    one Job that runs no pod, and of as many identities as their tool classes' limit asks for."""
    per_class = 100  # the schema's limit of maxActiveGrants
    kube = installation.kube
    installation.enroll(ns, roles=("reader",))
    kube.create(role(ns))
    kube.create(job(ns, idle=True))
    for n in range(-(-count // per_class)):
        kube.create(identity(ns, f"bot-{n}", maxActiveGrants=per_class))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: kube.create(grant(ns, f"g-{n}", agent=f"bot-{n // per_class}", duration=duration)),
                      range(count)))


def deployment(namespace: str, name: str = "serve", app: str = "bot", secret: str = "errand-bot-fixer") -> dict:
    """A long-running agent with its slot mounted."""
    template = _template(app, {}, {}, f"errand-a.{app}.fixer")
    template["spec"]["restartPolicy"] = "Always"
    template["spec"]["volumes"] = [{"name": "slot", "secret": {"secretName": secret, "optional": True}}]
    template["spec"]["containers"][0]["volumeMounts"] = [{"name": "slot", "mountPath": "/var/run/secrets/errand.dev"}]
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace},
            "spec": {"replicas": 1, "selector": {"matchLabels": {"app": app}}, "template": template}}


def with_slot(namespace: str, kind: str, name: str = "serve") -> dict:
    """An agent of that kind of workload with its slot mounted."""
    of = deployment(namespace, name)
    template = of["spec"]["template"]
    if kind == "Pod":
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {**of["metadata"], **template["metadata"]}, "spec": template["spec"]}
    if kind == "Job":
        template["spec"]["restartPolicy"] = "Never"
        return {"apiVersion": "batch/v1", "kind": "Job", "metadata": of["metadata"], "spec": {"backoffLimit": 0, "template": template}}
    if kind == "StatefulSet":
        return {**of, "kind": kind, "spec": {**of["spec"], "serviceName": name}}
    return of


def condition(obj: dict, kind: str) -> dict:
    return next((c for c in obj.get("status", {}).get("conditions", []) if c["type"] == kind), {})


def in_phase(*phases: str):
    return lambda g: g.get("status", {}).get("phase") in phases


def confirmed(g: dict) -> bool:
    return bool(g.get("status", {}).get("revocation", {}).get("confirmedAt"))


def finish(kube: Kube, namespace: str, job_name: str, code: str = "0") -> None:
    """Ends the container of the Job's pod."""
    pod = eventually(lambda: kube.list("Pod", namespace, labels=f"job-name={job_name}"), what=f"Job {job_name} has a pod")[0]
    kube.patch("Pod", pod["metadata"]["name"], namespace, {"metadata": {"annotations": {"hollow.errand.dev/exit": code}}})


def running_pod(kube: Kube, namespace: str, job_name: str = "fix", *others: dict) -> dict:
    """The pod of the Job that runs, waited for; not one of `others`."""
    known = {other["metadata"]["uid"] for other in others}
    return eventually(lambda: [p for p in kube.list("Pod", namespace, labels=f"job-name={job_name}")
                               if p["status"].get("phase") == "Running" and p["metadata"]["uid"] not in known],
                      30, what=f"a pod of Job {job_name} runs")[0]


def has_ended(kube: Kube, namespace: str, pod_name: str, *phases: str) -> bool:
    """Whether a pod is gone, or in one of the phases: Failed and Succeeded where none is named."""
    now = kube.find("Pod", pod_name, namespace)
    return now is None or now["status"]["phase"] in (phases or ("Failed", "Succeeded"))


def assert_end_stays(kube: Kube, namespace: str, name: str) -> None:
    """That the end of a grant is not said anew, though it is revoked when it has ended."""
    def end(g: dict) -> list[str]:
        return [g["status"][field] for field in ("phase", "endedBecause", "endedAt")]

    before = kube.get("TaskGrant", name, namespace)
    kube.patch("TaskGrant", name, namespace, {"spec": {"revoke": {"reason": "too late"}}})
    after = kube.wait_for("TaskGrant", name, namespace, lambda g: g["status"]["observedGeneration"] == g["metadata"]["generation"])
    assert after["metadata"]["generation"] > before["metadata"]["generation"]
    assert end(after) == end(before), (end(before), end(after))
    assert owned(kube, namespace, after) == []


def stalled(text: str):
    return lambda g: condition(g, "Stalled").get("status") == "True" and text in condition(g, "Stalled").get("message", "")


def account_of(g: dict) -> str:
    return "errand-g." + g["metadata"]["uid"].replace("-", "")[:20]


def claims(token: str) -> dict:
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def secret_value(kube: Kube, namespace: str, name: str, key: str) -> str:
    return base64.b64decode(kube.get("Secret", name, namespace)["data"][key]).decode()


def refusal(call) -> int:
    """The status code with which the API server answers, 200 when it does as asked."""
    try:
        call()
    except ApiError as error:
        return error.status
    return 200


def refused_within(kube: Kube, token: str, seconds: float, audiences: tuple[str, ...] = ()) -> dict:
    return eventually(lambda: (r := kube.token_review(token, audiences)) and not r.get("authenticated") and r, seconds, 0.2,
                      "the token is refused")


def owned(kube: Kube, namespace: str, g: dict) -> list[str]:
    """What exists of the grant's own objects."""
    found = []
    for kind in ("ServiceAccount", "RoleBinding", "Secret"):
        found += [f"{kind}/{o['metadata']['name']}" for o in kube.list(kind, namespace)
                  if any(r["uid"] == g["metadata"]["uid"] for r in o["metadata"].get("ownerReferences", []))]
    return sorted(found)


def in_seconds(seconds: float) -> str:
    """The RFC 3339 time so long from now."""
    return f"{datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


MARK = "not-to-be-copied"


def marked(g: dict) -> dict:
    """The grant with a word in everything that somebody may say of it."""
    g["metadata"].update(labels={"team": MARK}, annotations={"example.com/ticket": MARK})
    g["spec"]["task"] = {"intent": MARK, "reference": MARK, "risk": "High", "attributes": {"environment": MARK}}
    return g


def assert_owned_says_no_more_than_whose_it_is(kube: Kube, namespace: str, g: dict) -> None:
    """Of a marked grant: what it owns names grant, agent and tool class, and nothing else of the grant is copied."""
    for kind, _, name in (thing.partition("/") for thing in owned(kube, namespace, g)):
        made = kube.get(kind, name, namespace)
        labels, annotations = made["metadata"]["labels"], made["metadata"].get("annotations", {})
        assert [labels[f"errand.dev/{of}"] for of in ("task-grant", "agent-identity", "tool-class")] == [
            g["metadata"]["name"], g["spec"]["agentIdentityRef"]["name"], g["spec"]["toolClass"]]
        assert all(key.startswith("errand.dev/") for key in [*labels, *annotations]), (kind, labels, annotations)
        assert MARK not in str(made), made


def moment(text: str) -> float:
    """Unix seconds of an RFC 3339 time."""
    return datetime.datetime.fromisoformat(text).timestamp()
