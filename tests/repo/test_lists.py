"""What stands in several places is the same in all of them."""
import re

import pytest
import yaml
from render import ROOT

POLICIES = ("components/policies/errand-bindings", "admission/policies/errand-cluster-bindings", "admission/policies/errand-group-bindings")
ROLES = ROOT / "core" / "policy" / "dangerous.cpp"


def constant(source, name: str) -> list[str]:
    """The texts of an array of the source."""
    return re.findall(r'"([^"]*)"', re.search(rf"{name} = [^{{]*\{{([^}}]*)\}}", source.read_text())[1])


@pytest.mark.parametrize("policy", POLICIES)
def test_the_policies_and_the_rule_know_the_same_harmless_roles(policy):
    spec = next(yaml.safe_load_all((ROOT / "manifests" / f"{policy}.yaml").read_text()))["spec"]
    texts = [one["expression"] for one in spec.get("matchConditions", []) + spec["validations"]]
    found = [names for text in texts for names in re.findall(r"roleRef[.]name in \[([^\]]*)\]", text)]
    assert len(found) == 1
    assert sorted(re.findall(r"'([^']+)'", found[0])) == sorted(constant(ROLES, "kForEverybody"))


def test_the_page_names_the_harmless_roles():
    allowed = (ROOT / "docs" / "rules" / "SC301.md").read_text().partition("## What is allowed")[2]
    assert sorted(re.findall(r"`(system:[^`]+)`", allowed)) == sorted(constant(ROLES, "kForEverybody"))


def test_the_webhook_configuration_and_the_guard_know_the_same_controllers():
    known = constant(ROOT / "webhook" / "guard" / "request" / "run.cpp", "kControllers")
    webhooks = yaml.safe_load((ROOT / "manifests" / "admission" / "validating.yaml").read_text())["webhooks"]
    workloads = next(w for w in webhooks if w["name"].startswith("workloads."))
    exempt = next(c["expression"] for c in workloads["matchConditions"] if c["name"] == "not-a-controller")
    assert re.findall(r"'([^']+)'", exempt) == known


PODS = ROOT / "manifests" / "components" / "policies" / "errand-pods.yaml"
SECURITY, AUDIENCE = ROOT / "rules/view/read/readsecurity.cpp", ROOT / "rules/catalogue/token/audience.cpp"
SYNCED = ROOT / "rules/catalogue/secret/synced.hpp"


def spec_of_pods() -> dict:
    return next(yaml.safe_load_all(PODS.read_text()))["spec"]


@pytest.mark.parametrize("variable, source, name", [("hostFiles", ROOT / "rules/catalogue/host/sc201_host_path.cpp", "kFiles"),
                                                    ("capabilities", SECURITY, "kCapabilities"), ("sysctls", SECURITY, "kSysctls")])
def test_the_policy_and_the_rule_know_the_same(variable, source, name):
    text = next(v["expression"] for v in spec_of_pods()["variables"] if v["name"] == variable)
    assert re.findall(r"'([^']*)'", text) == constant(source, name)


def validation(rule: str) -> str:
    return next(v["expression"] for v in spec_of_pods()["validations"] if f"[{rule}]" in v["message"])


def test_the_policy_and_the_rule_know_the_same_selinux_types():
    assert re.findall(r"'([^']*)'", re.search(r"seLinuxOptions.type in\s+\[([^\]]*)\]", validation("SC203"))[1]) == constant(SECURITY, "kSelinuxTypes")


def test_the_policy_and_the_rule_know_the_same_clouds():
    listed = re.findall(r"'([^']*)'", re.search(r"t.audience in \[([^\]]*)\]", validation("SC103"))[1])
    assert sorted(listed) == sorted(constant(AUDIENCE, "kApi") + constant(AUDIENCE, "kClouds"))
    assert sorted(re.findall(r"startsWith\('([^']*)'\)", validation("SC103"))) == constant(AUDIENCE, "kCloudPrefixes")
    assert f"endsWith('{re.search(r'kCloudSuffix = .([^ ]*).;', AUDIENCE.read_text())[1]}')" in validation("SC103")


def test_the_pages_name_what_is_admitted():
    page = {rule: (ROOT / "docs" / "rules" / f"{rule}.md").read_text() for rule in ("SC112", "SC201", "SC203")}
    assert not [d for d in constant(ROOT / "rules/catalogue/secret/sc112_synced_credential.cpp", "kDrivers") if f"`{d}`" not in page["SC112"]]
    assert not [f for f in constant(ROOT / "rules/catalogue/host/sc201_host_path.cpp", "kFiles") if f"`{f}`" not in page["SC201"]]
    names = constant(SECURITY, "kCapabilities") + [s.removeprefix("net.ipv4.") for s in constant(SECURITY, "kSysctls")]
    assert not [name for name in names if not re.search(rf"\b{re.escape(name)}\b", page["SC203"])]


def kinds(array: str) -> dict[str, list[str]]:
    """By API group the resources of SC112 that an array has."""
    out: dict[str, list[str]] = {}
    text = re.search(rf"{array} = std::to_array<api::Resource>\(\{{(.*?)\}}\);", SYNCED.read_text(), re.DOTALL)[1]
    for group, _, plural, kind in re.findall(r'\{"([^"]+)", "([^"]+)", "([^"]+)", "([^"]+)"\}', text):
        out.setdefault(group, []).append(plural)
        assert re.search(rf"\b{kind}\b", (ROOT / "docs" / "rules" / "SC112.md").read_text()), kind
    return out


def test_the_webhook_is_asked_about_the_kinds_of_sc112_and_the_scanner_may_list_them():
    webhooks = yaml.safe_load((ROOT / "manifests/admission/validating.yaml").read_text())["webhooks"]
    asked = {group: rule["resources"] for rule in next(w for w in webhooks if w["name"].startswith("objects."))["rules"] for group in rule["apiGroups"]}
    listed = {group: rule["resources"] for rule in next(yaml.safe_load_all((ROOT / "manifests/rbac/scanner.yaml").read_text()))["rules"]
              for group in rule["apiGroups"]}
    namespaced, of_the_cluster = kinds("kSyncedKinds"), kinds("kSyncedClusterKinds")
    for group, resources in namespaced.items():
        assert sorted(asked[group]) == sorted(resources), group
    for group in namespaced | of_the_cluster:
        assert sorted(listed[group]) == sorted(namespaced.get(group, []) + of_the_cluster.get(group, [])), group


def test_the_page_names_the_annotations_of_sc112():
    rule, page = (ROOT / "rules/catalogue/secret/sc112_synced_credential.cpp").read_text(), (ROOT / "docs/rules/SC112.md").read_text()
    keys = re.findall(r'\{"([^"]+/[^"]+)", k(?:Into|Out)', rule)
    assert len(keys) > 10
    for key in keys:
        prefix, _, name = key.partition("/")
        assert re.search(rf"`{re.escape(prefix)}/(`.*`)?{re.escape(name)}`", page), key
