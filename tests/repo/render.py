"""What manifests/ and charts/errand render, as objects that can be compared."""
import os
import pathlib
import subprocess

import yaml

from support import cluster

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("ERRAND_CACHE", pathlib.Path.home() / ".cache" / "errand"))
HELM = CACHE / "bin" / "helm"

# (apiVersion, kind, namespace, name)
Key = tuple[str, str, str, str]
Objects = dict[Key, dict]


def run(*command, check: bool = True) -> subprocess.CompletedProcess:
    """Raises AssertionError with what the command wrote when it fails."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}"
    return done


def helm(*arguments, check: bool = True) -> subprocess.CompletedProcess:
    assert HELM.is_file(), f"there is no {HELM}; run: tools/go-tools.sh"
    return run(HELM, *arguments, check=check)


def index(text: str) -> Objects:
    """Objects by key. What only Helm reads (its annotations) is left out."""
    found: Objects = {}
    for document in yaml.safe_load_all(text):
        if not document:
            continue
        meta = document["metadata"]
        notes = {k: v for k, v in meta.pop("annotations", {}).items() if not k.startswith("helm.sh/")}
        if notes:
            meta["annotations"] = notes
        key = (document["apiVersion"], document["kind"], meta.get("namespace", ""), meta["name"])
        assert key not in found, f"rendered twice: {key}"
        found[key] = document
    return found


def kustomize(directory: pathlib.Path) -> Objects:
    return index(run(cluster.binaries() / "kubectl", "kustomize", directory).stdout)


def chart(*arguments, source: pathlib.Path = ROOT / "charts" / "errand") -> Objects:
    """What helm install creates, without hooks."""
    return index(helm("template", "errand", source, "--namespace", "errand-system", "--no-hooks", *arguments).stdout)


def hooks(*arguments) -> list[dict]:
    """The hooks of the chart, with their annotations."""
    rendered = helm("template", "errand", ROOT / "charts" / "errand", "--namespace", "errand-system", *arguments).stdout
    return [o for o in yaml.safe_load_all(rendered) if o and "helm.sh/hook" in o["metadata"].get("annotations", {})]


def overlay(directory: pathlib.Path, **content) -> Objects:
    """Renders a kustomization written to `directory`; the paths in it are relative to the project."""
    for field in ("resources", "components"):
        if field in content:
            content[field] = [os.path.relpath(ROOT / path, directory.resolve()) for path in content[field]]
    (directory / "kustomization.yaml").write_text(yaml.safe_dump(content))
    return kustomize(directory)
