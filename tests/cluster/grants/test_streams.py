"""What runs on with a grant's credentials is ended with it, so that no connection outlives the task. Which streams end with a
real container is shown on the real node (tests/e2e/streams.py)."""
import contextlib

import pytest
from support import agents
from support.agents import condition, in_phase
from support.kube import ApiError, eventually
from support.users import kubelets_token, operators_hand, passing_hand, person, rule

pytestmark = pytest.mark.usefixtures("operator", "webhook")

DEADLINE = "activeDeadlineSeconds"


def started(kube, ns: str, **spec) -> dict:
    """The running pod of a Job that makes another for each that fails."""
    kube.create(agents.grant(ns, "task", **spec))
    job = agents.job(ns, grant_name="task")
    job["spec"]["backoffLimit"] = 6
    kube.create(job)
    kube.wait_for("TaskGrant", "task", ns, in_phase("Active"), 30)
    return agents.running_pod(kube, ns)


def revoke(kube, ns: str) -> None:
    kube.patch("TaskGrant", "task", ns, {"spec": {"revoke": {"reason": "over"}}})


def over(kube, ns: str, pod: dict, seconds: float = 15) -> dict:
    """Returns the ended Job, once its pod is gone or has ended; no other may have been made."""
    eventually(lambda: agents.has_ended(kube, ns, pod["metadata"]["name"], "Failed"), seconds, 0.1, "the pod has ended")
    job = kube.wait_for("Job", "fix", ns, lambda j: condition(j, "Failed").get("status") == "True", seconds)
    others = [p["metadata"]["name"] for p in kube.list("Pod", ns, labels="job-name=fix") if p["metadata"]["uid"] != pod["metadata"]["uid"]]
    assert others == []
    return job


def switch(kube, ns: str, end: str) -> None:
    if end == "revoke":
        revoke(kube, ns)
    elif end == "suspension":
        kube.patch("AgentIdentity", "bot", ns, {"spec": {"state": "Suspended"}})
    elif end == "deletion":
        kube.delete("TaskGrant", "task", ns)


@pytest.mark.parametrize("end", ["revoke", "suspension", "window", "deletion"])
def test_the_end_of_a_grant_ends_its_job_and_pod(kube, world, end):
    pod = started(kube, world, duration="30s" if end == "window" else "10m")
    switch(kube, world, end)
    job = over(kube, world, pod, 45)
    assert job["spec"][DEADLINE] == 1
    if end == "window":
        assert kube.get("TaskGrant", "task", world)["status"]["endedBecause"] == "WindowClosed"
    if end != "deletion":
        g = kube.wait_for("TaskGrant", "task", world, lambda g: "podsEnded" in g["status"].get("revocation", {}))
        assert g["status"]["revocation"]["podsEnded"] == [pod["metadata"]["name"]]
        assert "podsRunning" not in g["status"]["revocation"]


def test_a_pod_without_a_job_ends_as_well(kube, world):
    kube.create(agents.grant(world, "task", "Pod/once"))
    template = agents.job(world, grant_name="task")["spec"]["template"]
    kube.create({"apiVersion": "v1", "kind": "Pod", "metadata": {**template["metadata"], "name": "once"}, "spec": template["spec"]}, world)
    kube.wait_for("Pod", "once", world, lambda p: p["status"]["phase"] == "Running", 30)
    revoke(kube, world)
    pod = kube.wait_for("Pod", "once", world, lambda p: p["status"]["phase"] == "Failed")
    assert pod["status"]["reason"] == "DeadlineExceeded"


def test_the_end_waits_for_no_webhook(kube, installation, world):
    pod = started(kube, world)
    with installation.deaf(world):
        revoke(kube, world)
        over(kube, world, pod)


def test_a_replacement_has_what_is_left_of_the_window(kube, world):
    first = started(kube, world, duration="40s")
    kube.patch("Pod", first["metadata"]["name"], world, {"metadata": {"annotations": {"hollow.errand.dev/exit": "1"}}})
    second = agents.running_pod(kube, world, "fix", first)
    g = kube.get("TaskGrant", "task", world)
    assert agents.moment(second["status"]["startTime"]) + second["spec"][DEADLINE] <= agents.moment(g["status"]["endsAt"]) + 2
    assert second["spec"][DEADLINE] < first["spec"][DEADLINE] <= 40
    over_at = kube.wait_for("TaskGrant", "task", world, in_phase("Expired"), 45)
    assert over_at["status"]["endedBecause"] == "WindowClosed"


def test_the_grace_of_a_grants_pod_is_bounded(kube, world):
    """By itself, and by whoever deletes it: the agent may have the right to."""
    kube.create(agents.grant(world, "task"))
    job = agents.job(world, grant_name="task")
    spec = job["spec"]["template"]["spec"]
    spec["terminationGracePeriodSeconds"] = 3600
    spec["containers"][0]["livenessProbe"] = {"exec": {"command": ["true"]}, "terminationGracePeriodSeconds": 86400}
    kube.create(job)
    pod = agents.running_pod(kube, world)
    assert pod["spec"]["terminationGracePeriodSeconds"] == 30
    assert pod["spec"]["containers"][0]["livenessProbe"]["terminationGracePeriodSeconds"] == 30
    dev = person(kube, world, "dev", rule("", "pods", "get delete deletecollection"), rule("", "pods/eviction", "create"))
    for name in (pod["metadata"]["name"], ""):
        path = f"/api/v1/namespaces/{world}/pods" + (f"/{name}" if name else "")
        status, answer = dev.raw("DELETE", path, {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 3600})
        assert status == 403 and "is given 30 s at most" in answer["message"], answer
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod["metadata"]["name"]},
                "deleteOptions": {"gracePeriodSeconds": 3600}}
    status, answer = dev.raw("POST", f"/api/v1/namespaces/{world}/pods/{pod['metadata']['name']}/eviction", eviction)
    assert status == 403 and "is given 30 s at most" in answer["message"], answer
    dev.delete("Pod", pod["metadata"]["name"], world)


@pytest.mark.parametrize("kind", ["Pod", "Job"])
def test_the_operators_account_lowers_a_deadline_and_changes_nothing_else(kube, world, kind):
    pod = started(kube, world)
    operator = operators_hand(kube)
    name = pod["metadata"]["name"] if kind == "Pod" else "fix"
    before = kube.get(kind, name, world)["spec"].get(DEADLINE, 1000)

    def refused(change) -> None:
        with pytest.raises(ApiError) as error:
            operator.patch(kind, name, world, change)
        assert error.value.status in (403, 422), error.value

    def deadline(seconds):
        return {"spec": {DEADLINE: seconds}}

    operator.patch(kind, name, world, deadline(before - 100))
    for change in (deadline(before), deadline(None), {"metadata": {"labels": {"app": "other"}}},
                   {"metadata": {"annotations": {"mine": "x"}}}, {"metadata": {"finalizers": ["example.com/mine"]}}):
        refused(change)
    changes = {"Job": [{"spec": {"suspend": True}}, {"spec": {"parallelism": 4}}, {"spec": {"backoffLimit": 9}},
                       {"spec": {"ttlSecondsAfterFinished": 1}}],
               "Pod": [{"spec": {"tolerations": [*pod["spec"]["tolerations"], {"key": "x", "operator": "Exists"}]}},
                       [{"op": "replace", "path": "/spec/containers/0/image", "value": "localhost/other:1"}]]}
    for change in changes[kind]:
        refused(change)
    operator.patch(kind, name, world, deadline(before - 200))


@contextlib.contextmanager
def nothing_told_to_end(kube, ns: str, pod: dict):
    """A policy of somebody else refuses it, so that the pod runs on."""
    name = f"no-ends-{ns}"
    kind = {"apiVersion": "admissionregistration.k8s.io/v1"}
    rules = [{"apiGroups": [group], "apiVersions": ["v1"], "operations": ["UPDATE"], "resources": [resource]}
             for group, resource in (("", "pods"), ("batch", "jobs"))]
    kube.create({**kind, "kind": "ValidatingAdmissionPolicy", "metadata": {"name": name}, "spec": {
        "matchConstraints": {"resourceRules": rules, "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": ns}}},
        "validations": [{"expression": "object.spec.?activeDeadlineSeconds.orValue(0) != 1", "message": "it runs on"}]}})
    kube.create({**kind, "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": name},
                 "spec": {"policyName": name, "validationActions": ["Deny"]}})
    path = f"/api/v1/namespaces/{ns}/pods/{pod['metadata']['name']}?dryRun=All"

    def in_force() -> bool:
        now = kube.get("Pod", pod["metadata"]["name"], ns)
        now["spec"][DEADLINE] = 1
        return "it runs on" in kube.raw("PUT", path, now)[1].get("message", "")

    try:
        eventually(in_force, 30, 0.2, "the policy is in force")
        yield
    finally:
        kube.delete("ValidatingAdmissionPolicyBinding", name)
        kube.delete("ValidatingAdmissionPolicy", name)


def test_no_token_comes_of_a_pod_that_still_runs_after_the_end(kube, world):
    """The pod and its account are kept, so that nobody but the webhook refuses it."""
    pod = started(kube, world)
    account = pod["spec"]["serviceAccountName"]
    assert kubelets_token(kube, account, world, pod=pod)
    hand = passing_hand(kube)
    hand.patch("ServiceAccount", account, world, {"metadata": {"finalizers": ["example.com/kept"]}})
    try:
        with nothing_told_to_end(kube, world, pod):
            revoke(kube, world)
            kube.wait_for("TaskGrant", "task", world, in_phase("Revoked"))
            with pytest.raises(ApiError) as error:
                kubelets_token(kube, account, world, pod=pod)
            assert error.value.status == 403 and "errand" in error.value.message, error.value
            assert kube.get("Pod", pod["metadata"]["name"], world)["status"]["phase"] == "Running"
            assert kube.get("ServiceAccount", account, world)
    finally:
        hand.patch("ServiceAccount", account, world, {"metadata": {"finalizers": []}})


def test_a_pod_that_nobody_lets_end_holds_off_no_proof_and_keeps_the_grant(kube, world):
    pod = started(kube, world)
    with nothing_told_to_end(kube, world, pod):
        revoke(kube, world)
        g = kube.wait_for("TaskGrant", "task", world, agents.confirmed, 60)
        assert g["status"]["revocation"]["confirmedBy"] == "TokenReview"
        stalled = condition(g, "Stalled")
        assert stalled["status"] == "True" and stalled["reason"] == "RunNotEnded", stalled
        assert "it runs on" in stalled["message"] and "cannot be ended" in stalled["message"], stalled
        assert condition(g, "Active")["reason"] == "Revoked"
        kube.delete("TaskGrant", "task", world)
        assert condition(kube.get("TaskGrant", "task", world), "Stalled")["reason"] == "RunNotEnded"
        assert kube.get("Pod", pod["metadata"]["name"], world)["status"]["phase"] == "Running"
    kube.wait_gone("TaskGrant", "task", world, 40)
    over(kube, world, pod)


def test_an_identity_says_what_its_slots_may_leave_open(kube, world):
    def said(status: str, words: str = "") -> None:
        kube.wait_for("AgentIdentity", "narrow", world, lambda a: (c := condition(a, "StreamsEnd")).get("status") == status
                      and words in c["message"])

    kube.create(agents.identity(world, "narrow", access={"roles": [{"name": "reader"}]}))
    said("True")
    kube.patch("Role", "reader", world, {"rules": agents.role(world, verbs=("get", "watch"))["rules"]})
    said("False", 'fixer: Role "reader"')
    kube.patch("Role", "reader", world, {"rules": agents.role(world)["rules"]})
    said("True")
