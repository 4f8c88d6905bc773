"""Enrolment of a namespace, by an overlay of manifests/namespace as a user writes one, and its end."""
import datetime
import json
import os
import pathlib
import tempfile
import time

from support.kube import Kube
from support.users import operators_hand

SINCE = "errand.dev/enforced-since"
POD_SECURITY = ("pod-security.kubernetes.io/enforce", "pod-security.kubernetes.io/enforce-version")
BASE = pathlib.Path(__file__).resolve().parents[2] / "manifests" / "namespace"


def overlay(namespace: str, roles: tuple[str, ...], cluster_roles: tuple[str, ...], base: str, pod_security: bool) -> dict:
    """The kustomization that enrols `namespace` and lets the operator bind the named roles there."""
    rules = [{"apiGroups": ["rbac.authorization.k8s.io"], "resources": [resource], "verbs": ["bind"],
              "resourceNames": list(names)}
             for resource, names in (("roles", roles), ("clusterroles", cluster_roles)) if names]
    patch = [{"op": "replace", "path": "/rules", "value": rules}]
    patches = [{"target": {"kind": "Role", "name": "errand-operator-bind"}, "patch": json.dumps(patch)}]
    if not pod_security:
        labels = [{"op": "remove", "path": f"/metadata/labels/{label.replace('/', '~1')}"} for label in POD_SECURITY]
        patches.append({"target": {"kind": "Namespace"}, "patch": json.dumps(labels)})
    return {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "namespace": namespace,
            "resources": [base], "patches": patches}


def enroll(kube: Kube, namespace: str, roles: tuple[str, ...] = (), cluster_roles: tuple[str, ...] = (),
           settle: bool = False, pod_security: bool = False) -> None:
    """Creates the namespace, or adds what enrolment needs to the one that exists. With `settle` it waits, as a user does,
    until what the operator has written counts; without, what is created from now on counts at once. `pod_security` keeps
    the labels by which the API server itself refuses pods, before our rules could show that they hold without."""
    with tempfile.TemporaryDirectory(prefix="errand-enrol-") as directory:
        content = overlay(namespace, roles, cluster_roles, os.path.relpath(BASE, directory), pod_security)
        pathlib.Path(directory, "kustomization.yaml").write_text(json.dumps(content))
        rendered = kube.kubectl("kustomize", directory).stdout
    kube.kubectl("apply", "--server-side", "-f", "-", stdin=rendered)
    if not settle:
        return _record(kube, namespace)
    since = kube.wait_for("Namespace", namespace, None, lambda n: n["metadata"].get("annotations", {}).get(SINCE))[
        "metadata"]["annotations"][SINCE]
    time.sleep(max(0, datetime.datetime.fromisoformat(since).timestamp() - time.time()))
    return None


def _record(kube: Kube, namespace: str) -> None:
    """Writes, as the operator's user, that the namespace is enforced from this second on. The operator writes a time that
    lies --enforcement-settle ahead, for which each test would have to wait."""
    known = kube.get("Namespace", namespace)["metadata"].get("annotations", {}).get(SINCE)
    if known and datetime.datetime.fromisoformat(known).timestamp() <= time.time():
        return  # enrolled before: what was created since then still counts
    now = f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
    operators_hand(kube).patch("Namespace", namespace, None, {"metadata": {"annotations": {SINCE: now}}})


def set_mode(kube: Kube, namespace: str, mode: str | None) -> None:
    """Writes the label errand.dev/enforce, or takes it off. The annotation that the operator writes goes with "true"."""
    metadata = {"labels": {"errand.dev/enforce": mode}}
    if mode != "true":
        metadata["annotations"] = {SINCE: None}
    kube.patch("Namespace", namespace, None, {"metadata": metadata})
    if mode == "true":
        _record(kube, namespace)
