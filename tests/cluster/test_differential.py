"""The same generated pods before the webhook, the policies and the offline scan: equal verdicts.

A policy tells the first thing that is wrong alone, so its rule must be the first that the others name among those
that exist as policies. ERRAND_DIFFERENTIAL=n runs n pods; the short form is for each day.
"""
import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import generated
import pytest
from kube import ApiError, Kube, eventually
from processes import ROOT, program

COUNT = int(os.environ.get("ERRAND_DIFFERENTIAL", "400"))
AS_POLICIES = ("SC101", "SC102", "SC103", "SC105", "SC107", "SC201", "SC202")

pytestmark = pytest.mark.usefixtures("operator", "webhook")


def rules_in(message: str) -> list[str]:
    return sorted(set(re.findall(r"\[(SC\d+)\]", message)))


def verdict(kube: Kube, namespace: str, pod: dict) -> list[str]:
    """The rules by which the API server refuses the pod."""
    try:
        kube.create(pod, namespace, dry_run=True)
    except ApiError as error:
        assert "[SC" in error.message, error
        return rules_in(error.message)
    return []


def everywhere(kube: Kube, namespace: str, pods: list[dict]) -> list[list[str]]:
    with ThreadPoolExecutor(8) as workers:
        return list(workers.map(lambda pod: verdict(kube, namespace, pod), pods))


@pytest.fixture(scope="module", name="scanned")
def fixture_scanned():
    pods = [generated.pod(seed) for seed in range(COUNT)]
    stream = "\n---\n".join(json.dumps(pod) for pod in pods)
    done = subprocess.run([program("kubectl-errand"), "scan", "-", "--format", "json"], input=stream, capture_output=True,
                          text=True, check=False)
    found = json.loads(done.stdout)
    assert found["objects"] == COUNT and not found["broken"], done.stderr
    rules = {pod["metadata"]["name"]: set() for pod in pods}
    for finding in found["findings"]:
        rules[finding["object"].rpartition("/")[2]].add(finding["rule"])
    return pods, [sorted(rules[pod["metadata"]["name"]]) for pod in pods]


def test_the_webhook_and_the_scan_agree(kube, namespace, scanned):
    pods, expected = scanned
    eventually(lambda: kube.find("ServiceAccount", "default", namespace), what="the default account")
    got = everywhere(kube, namespace, pods)
    assert [(p["metadata"]["name"], g, e) for p, g, e in zip(pods, got, expected) if g != e] == []
    assert 0.2 < sum(not e for e in expected) / COUNT < 0.8, "too few of one kind to tell anything"


def test_the_policies_and_the_scan_agree(kube, namespace, scanned):
    pods, expected = scanned
    folder = ROOT / "manifests" / "components" / "policies"
    kube.kubectl("apply", "--server-side", "-f", str(folder / "errand-pods.yaml"))
    try:
        probe = {**generated.pod(0), "spec": {"automountServiceAccountToken": True, "containers": [{"name": "c", "image": "c"}]}}

        def in_force() -> bool:
            try:
                kube.create(probe, namespace, dry_run=True)
            except ApiError as error:
                return "errand-pods" in error.message
            return False

        eventually(in_force, 30, 0.2, "the policy is in force")
        got = everywhere(kube, namespace, pods)
    finally:
        kube.delete("ValidatingAdmissionPolicyBinding", "errand-pods")
    firsts = [[r for r in e if r in AS_POLICIES][:1] for e in expected]
    # A policy is asked before the webhook, and refuses by one rule; what it lets pass the webhook judges whole.
    firsts = [f or e for f, e in zip(firsts, expected)]
    assert [(p["metadata"]["name"], g, f) for p, g, f in zip(pods, got, firsts) if g != f] == []
