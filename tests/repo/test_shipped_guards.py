"""The operator compares the policies of a cluster with what the manifests say, and it knows that by heart."""
import sys

import pytest
import yaml
from render import ROOT, helm, index

sys.path.insert(0, str(ROOT / "tools"))

import shipped_guards  # noqa: E402


def test_the_operator_knows_the_manifests_by_heart():
    committed = (ROOT / "operator" / "guards" / "shipped.inc").read_text()
    assert committed == shipped_guards.printed(), "run `make guards` and commit operator/guards/shipped.inc"


def test_each_policy_is_a_guard_or_is_named_as_none():
    listed = yaml.safe_load((ROOT / "manifests" / "admission" / "policies" / "kustomization.yaml").read_text())["resources"]
    names = {file.removesuffix(".yaml") for file in listed}
    assert shipped_guards.NO_GUARDS < names, "a policy of this name does not exist any more"
    guards = {name for kind, name, _ in shipped_guards.guards() if kind == "ValidatingAdmissionPolicy"}
    assert guards | shipped_guards.NO_GUARDS == names
    assert {"errand-status-tampering", "errand-unmanaged-write", "errand-tokens", "errand-guard-record"} <= guards


@pytest.mark.parametrize("namespace", ["errand-system", "elsewhere", "errand"])
def test_the_chart_installs_the_same_guards_in_its_namespace(namespace):
    """The operator writes its own namespace where the manifests have errand-system, and nothing else."""
    rendered = index(helm("template", "errand", ROOT / "charts" / "errand", "--namespace", namespace).stdout)
    for kind, name, spec in shipped_guards.guards():
        installed = rendered[("admissionregistration.k8s.io/v1", kind, "", name)]
        expected = yaml.safe_load(yaml.safe_dump(spec, width=10**6).replace("errand-system", namespace))
        assert installed["webhooks" if "webhooks" in installed else "spec"] == expected, name
