"""`kubectl errand scan` of what this project ships finds nothing. The namespace of the operator is not checked, as the webhook
does not check it; what the rules say of its objects stands on the page of the manifests with its reason."""
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
def test_what_is_installed_has_no_finding(name, tmp_path):
    code, report = scan("\n".join(map(json.dumps, SHIPPED[name](tmp_path).values())))
    assert code == 0 and not report["broken"] and not report["findings"], report


@pytest.mark.parametrize("name", SHIPPED)
def test_what_the_rules_say_of_the_operators_namespace_is_listed(name, tmp_path):
    text = "\n".join(map(json.dumps, SHIPPED[name](tmp_path).values()))
    code, report = scan(text, "--operator-namespace", "elsewhere")
    assert not report["broken"] and code in (0, 1)
    assert found(report) <= listed(), found(report) - listed()


def test_each_listed_finding_exists(tmp_path):
    reports = [found(scan("\n".join(map(json.dumps, shipped(tmp_path).values())), "--operator-namespace", "elsewhere")[1]) for shipped in SHIPPED.values()]
    unchecked = {"SC304"}  # test_what_the_rules_say… bounds them
    assert {one for one in listed() if one[0] not in unchecked} <= set().union(*reports)


@pytest.mark.parametrize("folder", ["examples", "manifests/namespace", "crds"])
def test_what_agents_get_has_no_finding(folder):
    done = subprocess.run([program("kubectl-errand"), "scan", folder, "--strict"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
