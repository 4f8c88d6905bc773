"""Enrolment of a namespace, by an overlay of manifests/namespace as a user writes one."""
import json
import os
import pathlib
import tempfile

from kube import Kube

BASE = pathlib.Path(__file__).resolve().parents[2] / "manifests" / "namespace"


def overlay(namespace: str, roles: tuple[str, ...], cluster_roles: tuple[str, ...], base: str) -> dict:
    """The kustomization that enrols `namespace` and lets the operator bind the named roles there."""
    rules = [{"apiGroups": ["rbac.authorization.k8s.io"], "resources": [resource], "verbs": ["bind"],
              "resourceNames": list(names)}
             for resource, names in (("roles", roles), ("clusterroles", cluster_roles)) if names]
    patch = [{"op": "replace", "path": "/rules", "value": rules}]
    return {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "namespace": namespace,
            "resources": [base],
            "patches": [{"target": {"kind": "Role", "name": "errand-operator-bind"}, "patch": json.dumps(patch)}]}


def enroll(kube: Kube, namespace: str, roles: tuple[str, ...] = (), cluster_roles: tuple[str, ...] = ()) -> None:
    """Creates the namespace, or adds what enrolment needs to the one that exists."""
    with tempfile.TemporaryDirectory(prefix="errand-enrol-") as directory:
        content = overlay(namespace, roles, cluster_roles, os.path.relpath(BASE, directory))
        pathlib.Path(directory, "kustomization.yaml").write_text(json.dumps(content))
        rendered = kube.kubectl("kustomize", directory).stdout
    kube.kubectl("apply", "--server-side", "-f", "-", stdin=rendered)
