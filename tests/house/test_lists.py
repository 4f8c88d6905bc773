"""What stands in several places is the same in all of them."""
import re

import pytest
import yaml

from render import ROOT

POLICIES = ("components/policies/errand-bindings", "admission/policies/errand-cluster-bindings", "admission/policies/errand-group-bindings")
RULE = ROOT / "webhook" / "rules" / "rbac" / "sc301_standing_binding.cpp"


def harmless() -> list[str]:
    """The ClusterRoles that SC301 lets anybody bind to agents."""
    names = re.search(r"kHarmless = \{([^}]*)\}", RULE.read_text())
    return sorted(re.findall(r'"([^"]+)"', names[1]))


@pytest.mark.parametrize("policy", POLICIES)
def test_the_policies_and_the_rule_know_the_same_harmless_roles(policy):
    spec = next(yaml.safe_load_all((ROOT / "manifests" / f"{policy}.yaml").read_text()))["spec"]
    texts = [one["expression"] for one in spec.get("matchConditions", []) + spec["validations"]]
    found = [names for text in texts for names in re.findall(r"roleRef[.]name in \[([^\]]*)\]", text)]
    assert len(found) == 1
    assert sorted(re.findall(r"'([^']+)'", found[0])) == harmless()


def test_the_page_names_the_harmless_roles():
    allowed = (ROOT / "docs" / "rules" / "SC301.md").read_text().partition("## What is allowed")[2]
    assert sorted(re.findall(r"`(system:[^`]+)`", allowed)) == harmless()


def test_the_webhook_configuration_and_the_guard_know_the_same_controllers():
    code = (ROOT / "webhook" / "guard" / "request" / "run.cpp").read_text()
    known = re.search(r"kControllers = [^{]*\{([^}]*)\}", code)[1]
    webhooks = yaml.safe_load((ROOT / "manifests" / "admission" / "validating.yaml").read_text())["webhooks"]
    workloads = next(w for w in webhooks if w["name"].startswith("workloads."))
    exempt = next(c["expression"] for c in workloads["matchConditions"] if c["name"] == "not-a-controller")
    assert re.findall(r"'([^']+)'", exempt) == re.findall(r'"([^"]+)"', known)
