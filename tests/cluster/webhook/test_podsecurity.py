"""Ours and Kubernetes' own checks of Pod Security "baseline": both judge the same pods, and differ in what is named here.

SC201 to SC203 by `kubectl-errand scan`, which test_differential.py compares with the webhook and the policies; theirs by the
module k8s.io/pod-security-admission (rig/podsecurity). ERRAND_SEED=n makes other pods.
"""
import copy
import json
import os
import subprocess

import pytest
from support import generated
from support.processes import ROOT, program

SEED, COUNT = int(os.environ.get("ERRAND_SEED", "0")), 3000
RULES = {"hostPathVolumes": "SC201", "hostNamespaces": "SC202"}  # all other checks: SC203
PLAIN = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "labels": {}, "annotations": {}},
         "spec": {"automountServiceAccountToken": False, "containers": [{"name": "c0", "image": "c"}]}}
READ_ONLY = {"name": "v", "mountPath": "/v", "readOnly": True}


def theirs(pods: list[dict]) -> list[set[str]]:
    """The checks that refuse each."""
    built = subprocess.run([ROOT / "tests/cluster/rig/podsecurity/build.sh"], check=True, capture_output=True, text=True)
    lines = "\n".join(json.dumps(pod) for pod in pods)
    done = subprocess.run([built.stdout.split()[-1]], input=lines, check=True, capture_output=True, text=True)
    return [set(json.loads(line)) for line in done.stdout.splitlines()]


def ours(pods: list[dict]) -> list[set[str]]:
    """The rules among SC201, SC202 and SC203 that refuse each."""
    named = [pod | {"metadata": pod["metadata"] | {"name": f"p{i}"}} for i, pod in enumerate(pods)]
    done = subprocess.run([program("kubectl-errand"), "scan", "-", "--format", "json"], input="\n---\n".join(map(json.dumps, named)),
                          capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    assert found["objects"] == len(pods) and not found["broken"], done.stderr
    out = [set() for _ in pods]
    for finding in found["findings"]:
        if finding["rule"] in ("SC201", "SC202", "SC203"):
            out[int(finding["object"].rpartition("/p")[2])].add(finding["rule"])
    return out


def rules_of(checks: set[str]) -> set[str]:
    return {RULES.get(check, "SC203") for check in checks}


def with_(**fields) -> dict:
    """The plain pod with fields of its spec, of `metadata`, and of its only container (`container`)."""
    pod = copy.deepcopy(PLAIN)
    pod["metadata"] |= fields.pop("metadata", {})
    pod["spec"]["containers"][0] |= fields.pop("container", {})
    pod["spec"] |= fields
    return pod


# name: (a pod, the checks of theirs, the rules of ours)
DIFFERENCES = {
    "a file of our list, read-only": (with_(volumes=[{"name": "v", "hostPath": {"path": "/etc/localtime"}}], container={"volumeMounts": [READ_ONLY]}),
                                      {"hostPathVolumes"}, set()),
    "the host of a probe": (with_(container={"livenessProbe": {"httpGet": {"host": "127.0.0.1", "port": 1}}}), {"hostProbesAndHostLifecycle"}, set()),
    "the host of a hook": (with_(container={"lifecycle": {"preStop": {"httpGet": {"host": "127.0.0.1", "port": 1}}}}),
                           {"hostProbesAndHostLifecycle"}, set()),
    "a port of the node beside hostNetwork": (with_(hostNetwork=True, container={"ports": [{"containerPort": 1, "hostPort": 1}]}),
                                              {"hostNamespaces", "hostPorts"}, {"SC202"}),
    "seccomp's annotations": (with_(metadata={"annotations": {"seccomp.security.alpha.kubernetes.io/pod": "unconfined"}}), set(), {"SC203"}),
    "processes shared in a grant's pod": (with_(shareProcessNamespace=True, metadata={"labels": {"errand.dev/task-grant": "x"}}), set(), {"SC202"}),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_they_differ_in(name):
    pod, checks, rules = DIFFERENCES[name]
    assert theirs([pod]) == [checks] and ours([pod]) == [rules]


def difference(pod: dict, checks: set[str], rules: set[str]) -> str | None:
    """By which of the named differences the verdicts on a generated pod differ; KeyError where by none."""
    expected = rules_of(checks)
    if rules == expected:
        return None
    if expected - rules == {"SC201"}:
        assert all(v["hostPath"]["path"] in generated.HOST_FILES for v in pod["spec"]["volumes"] if "hostPath" in v)
        return "a file of our list, read-only"
    if rules - expected == {"SC203"} and any("seccomp" in key for key in pod["metadata"].get("annotations", {})):
        return "seccomp's annotations"
    if rules_of(checks - {"hostPorts"}) == rules and pod["spec"].get("hostNetwork"):
        return "a port of the node beside hostNetwork"
    raise KeyError(f"{pod}: theirs {checks}, ours {rules}")


def test_on_generated_pods_they_differ_in_nothing_else():
    pods = generated.objects("Pod", "x", SEED, COUNT)
    theirs_, ours_ = theirs(pods), ours(pods)
    assert 0.2 < sum(not checks for checks in theirs_) / COUNT < 0.8, "too few of one kind to tell anything"
    seen = [difference(pod, checks, rules) for pod, checks, rules in zip(pods, theirs_, ours_, strict=True)]
    assert {"a file of our list, read-only", "seccomp's annotations"} <= set(seen)
    # Every check of theirs has refused some, but for two: of probes, and of Windows' host processes, which are others' pods.
    known = set().union(*theirs_)
    assert known >= {"appArmorProfile", "capabilities_baseline", "hostNamespaces", "hostPathVolumes", "hostPorts", "privileged",
                     "seLinuxOptions", "seccompProfile_baseline", "sysctls"}, known


@pytest.mark.parametrize("pod", [
    with_(container={"securityContext": {"windowsOptions": {"hostProcess": True}}}),
    with_(securityContext={"windowsOptions": {"hostProcess": True}}),
    with_(container={"securityContext": {"procMount": "Unmasked"}}),
    with_(initContainers=[{"name": "i", "image": "i", "securityContext": {"privileged": True}}]),
    with_(ephemeralContainers=[{"name": "e", "image": "e", "securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}}}]),
    with_(container={"securityContext": {"seccompProfile": {}}}),
], ids=["host process", "host process of the pod", "unmasked", "init container", "ephemeral container", "no type"])
def test_what_no_generated_pod_has_both_refuse(pod):
    assert [rules_of(checks) for checks in theirs([pod])] == ours([pod]) == [{"SC203"}]
