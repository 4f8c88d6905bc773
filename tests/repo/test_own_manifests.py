"""`kubectl errand scan` of what this project ships: nothing in the namespaces of agents, and elsewhere only what the page of
the manifests lists with its reason."""
import json
import re
import subprocess

import pytest
from render import ROOT, chart, kustomize, overlay
from support.processes import program


def scan(text: str, *arguments: str) -> tuple[int, dict]:
    done = subprocess.run([program("kubectl-errand"), "scan", "-", "--format", "json", *arguments], input=text, capture_output=True, text=True,
                          check=False)
    assert not done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout)


def listed() -> set[tuple[str, str]]:
    """The rows (rule, object) of manifests/README.md."""
    section = (ROOT / "manifests/README.md").read_text().split("## Scan these manifests", 1)[1].split("\n## ", 1)[0]
    return {(rule, name) for rule, names in re.findall(r"^\| \[(SC\d+)\]\S* \| ([^|]+) \|", section, re.M) for name in re.findall(r"`([^`]+)`", names)}


def found(report: dict) -> set[tuple[str, str]]:
    return {(one["rule"], one["object"].split(" ")[0] + " " + one["object"].rpartition("/")[2]) for one in report["findings"]}


SHIPPED = {
    "base": lambda folder: kustomize(ROOT / "manifests/base"),
    "local": lambda folder: kustomize(ROOT / "manifests/local"),
    "cert-manager": lambda folder: overlay(folder, resources=["manifests/base"], components=["manifests/components/cert-manager"]),
    "policies": lambda folder: overlay(folder, resources=["manifests/base"], components=["manifests/components/policies"]),
    "chart": lambda folder: chart("--set", "policies.rules=true"),
    "chart with cert-manager": lambda folder: chart("--set", "webhook.certManager.enabled=true"),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_installed_has_only_the_findings_that_its_page_lists(name, tmp_path):
    text = "\n".join(map(json.dumps, SHIPPED[name](tmp_path).values()))
    code, report = scan(text)
    assert not report["broken"] and code in (0, 1)
    assert found(report) <= listed(), found(report) - listed()
    code, report = scan(text, "--enrolled-only")
    # Only a binding of the whole cluster is no object of errand-system, which is never enrolled.
    assert {rule for rule, _ in found(report)} <= {"SC304"}, report["findings"]


def test_each_listed_finding_exists(tmp_path):
    reports = [found(scan("\n".join(map(json.dumps, shipped(tmp_path).values())))[1]) for shipped in SHIPPED.values()]
    unchecked = {"SC304"}  # test_what_is_installed… bounds them
    assert {one for one in listed() if one[0] not in unchecked} <= set().union(*reports)


@pytest.mark.parametrize("folder", ["examples", "manifests/namespace", "crds"])
def test_what_agents_get_has_no_finding(folder):
    done = subprocess.run([program("kubectl-errand"), "scan", folder, "--strict"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
