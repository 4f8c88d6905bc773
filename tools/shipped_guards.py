#!/usr/bin/env python3
"""Prints operator/guards/shipped.inc: what the manifests say of each guard, for the operator to compare with.

    tools/shipped_guards.py > operator/guards/shipped.inc      (make guards)
"""
import json
import pathlib

import yaml

ADMISSION = pathlib.Path(__file__).resolve().parents[1] / "manifests" / "admission"
# What these keep, no plan believes: the operator checks it by itself, or it binds other accounts. A policy that
# is not named here is a guard.
NO_GUARDS = {"errand-agent-impersonation", "errand-cainjector-limits", "errand-certificates", "errand-cluster-bindings", "errand-debug", "errand-enrolment",
             "errand-exemption-warning", "errand-exemptions", "errand-grace", "errand-group-bindings", "errand-not-enrolled",
             "errand-probe", "errand-root-ca", "errand-self-limits", "errand-suspended", "errand-uninstall-limits"}


def guards() -> list[tuple[str, str, dict | list]]:
    """(kind, name, spec or webhooks), in the order of the kustomizations."""
    found = []
    for file in yaml.safe_load((ADMISSION / "policies" / "kustomization.yaml").read_text())["resources"]:
        for one in yaml.safe_load_all((ADMISSION / "policies" / file).read_text()):
            if one["kind"].startswith("ValidatingAdmissionPolicy") and one["metadata"]["name"] not in NO_GUARDS:
                found.append((one["kind"], one["metadata"]["name"], one["spec"]))
    for file in ("mutating.yaml", "validating.yaml"):
        one = yaml.safe_load((ADMISSION / file).read_text())
        found.append((one["kind"], one["metadata"]["name"], one["webhooks"]))
    return found


def printed() -> str:
    lines = ["// Printed by tools/shipped_guards.py from manifests/admission: run `make guards` after a change there."]
    for kind, name, spec in guards():
        lines.append(f'{{"{kind}", "{name}",\n R"json({json.dumps(spec, ensure_ascii=False, sort_keys=True)})json"}},')
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(printed(), end="")
