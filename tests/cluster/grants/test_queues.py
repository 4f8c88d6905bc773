"""Jobs that other controllers hold back or delete: queues such as Kueue, and the TTL controller. A queue holds `update` on
Jobs, and nothing of Errand's."""
import concurrent.futures
import time

import pytest
from support import agents
from support.agents import condition, in_phase
from support.kube import ApiError, eventually
from support.users import person, rule

pytestmark = pytest.mark.usefixtures("operator", "webhook")

NODES = {"nodeSelector": {"pool": "a"}, "tolerations": [{"key": "gpu", "operator": "Exists"}],
         "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
             "nodeSelectorTerms": [{"matchExpressions": [{"key": "pool", "operator": "Exists"}]}]}}}}
MARKS = {"labels": {"kueue.x-k8s.io/podset": "main"}, "annotations": {"kueue.x-k8s.io/workload": "job-queued"}}


def queue(kube, ns: str):
    return person(kube, ns, "queue", rule("batch", "jobs", "get update patch"))


def queued(ns: str, name: str = "queued", **spec) -> dict:
    job = agents.job(ns, name, name, suspend=True, **spec)
    job["spec"]["template"]["spec"]["containers"][0]["env"] = [{"name": "MODE", "value": "batch"}]
    return job


def waits(grant: dict) -> bool:
    ready = condition(grant, "Ready")
    return ready.get("reason") == "WaitingForWorkload" and "is suspended" in ready["message"]


def waiting(kube, ns: str) -> None:
    kube.create(queued(ns))
    kube.create(agents.grant(ns, "queued", workload="Job/queued", duration="2m"))
    kube.wait_for("TaskGrant", "queued", ns, waits)


def test_the_window_of_a_queued_job_begins_when_the_queue_resumes_it(kube, world):
    waiting(kube, world)
    time.sleep(3)
    g = kube.get("TaskGrant", "queued", world)
    assert waits(g) and "startedAt" not in g["status"] and "endsAt" not in g["status"]
    kueue = queue(kube, world)
    kueue.patch("Job", "queued", world, {"spec": {"suspend": False, "template": {"metadata": MARKS, "spec": NODES}}})
    g = kube.wait_for("TaskGrant", "queued", world, in_phase("Active"))
    [pod] = eventually(lambda: kube.list("Pod", world, labels="job-name=queued"))
    assert pod["spec"]["nodeSelector"] == NODES["nodeSelector"]
    assert pod["spec"]["serviceAccountName"] == agents.account_of(g)


def test_a_queue_that_holds_a_job_back_again_ends_no_grant(kube, world):
    waiting(kube, world)
    kueue = queue(kube, world)
    kueue.patch("Job", "queued", world, {"spec": {"suspend": False, "template": {"spec": NODES}}})
    g = kube.wait_for("TaskGrant", "queued", world, in_phase("Active"))
    kueue.patch("Job", "queued", world, {"spec": {"suspend": True}})
    kube.wait_for("Job", "queued", world, lambda j: condition(j, "Suspended").get("status") == "True")
    eventually(lambda: not kube.list("Pod", world, labels="job-name=queued"), 40)
    kueue.patch("Job", "queued", world, {"spec": {"suspend": False, "template": {"metadata": MARKS, "spec": {"nodeSelector": {"pool": "b"}}}}})
    eventually(lambda: kube.list("Pod", world, labels="job-name=queued"))
    again = kube.get("TaskGrant", "queued", world)
    assert again["status"]["phase"] == "Active" and again["status"]["endsAt"] == g["status"]["endsAt"]


@pytest.mark.parametrize("template", [
    {"metadata": {"annotations": {"vault.hashicorp.com/agent-inject": "true"}}},
    {"metadata": {"labels": {"sidecar.istio.io/inject": "true"}}},
    {"metadata": {"labels": {"errand.dev/task-grant": "another"}}},
    {"metadata": {"labels": {"app": "bot", "notk8s.io/team": "a"}}},
], ids=["annotation-of-an-injector", "label-of-an-injector", "another-grant", "a-domain-that-ends-alike"])
def test_a_queue_without_run_changes_nothing_that_decides_what_runs(kube, world, template):
    """The API server lets it change every label and annotation. Injectors act on them."""
    waiting(kube, world)
    with pytest.raises(ApiError) as refused:
        queue(kube, world).patch("Job", "queued", world, {"spec": {"template": template}})
    assert refused.value.status == 403 and "run" in refused.value.message
    kube.patch("Job", "queued", world, {"spec": {"template": template}})


def test_a_job_that_is_deleted_as_soon_as_it_is_done_has_completed(kube, world):
    """Twenty of twenty, though the TTL controller deletes it in the moment of its completion."""
    kube.patch("AgentIdentity", "bot", world, [{"op": "add", "path": "/spec/toolClasses/0/maxActiveGrants", "value": 20}])
    names = [f"quick-{n}" for n in range(20)]

    def run(name: str) -> None:
        kube.create(agents.grant(world, name, workload=f"Job/{name}"))
        kube.create(agents.job(world, name, name, ends="1s", ttlSecondsAfterFinished=0))

    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        list(pool.map(run, names))
    ends = []
    for name in names:
        kube.wait_gone("Job", name, world, 60)
        g = kube.wait_for("TaskGrant", name, world, lambda t: t["status"].get("endedBecause"), 20)
        ends.append((g["status"]["phase"], g["status"]["endedBecause"]))
    assert ends == [("Completed", "WorkloadComplete")] * 20


def test_the_same_rights_in_another_order_change_nothing(kube, world):
    rules = [rule("", "configmaps services", "get list"), rule("apps", "deployments", "get", names="a b")]
    kube.patch("Role", "reader", world, {"rules": rules})
    kube.create(agents.job(world, idle=True))
    kube.create(agents.grant(world, "task", access=agents.ACCESS))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    swapped = [rule("apps", "deployments", "get", names="b a"), rule("", "services configmaps", "list get")]
    kube.patch("Role", "reader", world, {"rules": swapped})
    kube.patch("Role", "reader", world, {"rules": [*swapped, swapped[0]]})
    time.sleep(2)
    assert kube.get("TaskGrant", "task", world)["status"]["effective"] == g["status"]["effective"]
    kube.patch("Role", "reader", world, {"rules": [*swapped, rule("", "events", "get")]})
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Revoked"))
    assert g["status"]["endedBecause"] == "ScopeChanged"
