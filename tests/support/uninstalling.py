"""Installing and removing the whole of manifests/base or of the chart, beside processes that a test starts."""
import contextlib
import json
import os
import pathlib
import subprocess
import threading

from support import agents
from support.cluster import Cluster
from support.kube import ApiError, Kube, eventually
from support.processes import ROOT, SYSTEM, Installation, Process, program

CACHE = pathlib.Path(os.environ.get("ERRAND_CACHE", pathlib.Path.home() / ".cache" / "errand"))
WRITTEN = {"errand.dev/task-grant-uid", "errand.dev/agent-identity", "errand.dev/tool-class"}
ACCESS = {**agents.ACCESS, "secrets": [{"name": "ticketing"}]}


def uninstall(config: str | pathlib.Path, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess:
    """`kubectl errand uninstall` with the rights of this kubeconfig."""
    return subprocess.run([program("kubectl-errand"), "uninstall", "--kubeconfig", config, *arguments], check=False,
                          capture_output=True, text=True, timeout=timeout)


def helm(kube: Kube, *arguments: str, version: str = "helm") -> subprocess.CompletedProcess:
    """`version` is a program of the cache: helm, or helm3/helm."""
    assert (CACHE / "bin" / version).is_file(), f"there is no {CACHE / 'bin' / version}; run: tools/go-tools.sh"
    done = subprocess.run([CACHE / "bin" / version, "--kubeconfig", kube.kubeconfig, "--namespace", SYSTEM, *arguments], check=False,
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"helm {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done


class Operators:
    """Plays the pods of the Deployment errand-operator, which are hollow: a process runs while it has replicas."""

    def __init__(self, installation: Installation):
        self._installation, self._end = installation, threading.Event()
        self.process: Process | None = None
        self.starts = 0
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def _follow(self) -> None:
        while not self._end.wait(0.3):
            with contextlib.suppress(ApiError, OSError):
                deployment = self._installation.kube.find("Deployment", "errand-operator", SYSTEM)
                replicas = deployment["spec"]["replicas"] if deployment else 0
                if replicas == 0 and self.process:
                    self.process.stop()
                    self.process = None
                elif replicas > 0 and not self.process:
                    self.process = self._installation.start_operator(leader_elect=True, wait=False)
                    self.starts += 1

    def __enter__(self) -> "Operators":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._end.set()
        self._thread.join()
        if self.process:
            self.process.stop()

    def await_guards(self) -> None:
        eventually(lambda: self.process and self.process.ready() and self.process.guards_hold(), 60, 0.2, "the guards hold")
        self._installation.await_guards()


@contextlib.contextmanager
def own_cluster(manifests: str | None = "base"):
    """An Installation in a cluster of its own, with a webhook; without `manifests` nothing is installed yet."""
    with Cluster.start() as cluster:
        installation = Installation(cluster)
        if manifests:
            installation.install(manifests).start_webhook()
        try:
            yield installation
        finally:
            installation.stop()


def stop_processes(installation: Installation) -> None:
    """As when their Deployments are removed; those of the next installation have other tokens."""
    for process in installation.processes:
        process.stop()


def active_grants(installation: Installation, ns: str) -> dict[str, dict]:
    """A Projected grant with its child, and a grant with a slot and a leased Secret; all are Active."""
    kube = installation.kube
    installation.enroll(ns, roles=("reader", "writer"), cluster_roles=("view",))
    agents.declare(kube, ns)
    kube.create(agents.leasable(ns))
    kube.create(agents.deployment(ns))
    kube.create(agents.grant(ns, "task"))
    kube.create(agents.grant(ns, "child", duration="5m", parentRef={"name": "task", "relation": "Delegation"}))
    kube.create(agents.grant(ns, "slot", "Deployment/serve", "Slot", access=ACCESS))
    kube.create(agents.job(ns))
    return {name: kube.wait_for("TaskGrant", name, ns, agents.in_phase("Active"), 40) for name in ("task", "child", "slot")}


def becomes_active(installation: Installation, ns: str) -> None:
    """That a grant of a namespace that is enrolled now becomes Active."""
    kube = installation.kube
    installation.enroll(ns, roles=("reader",))
    agents.declare(kube, ns)
    kube.create(agents.grant(ns, "task"))
    kube.create(agents.job(ns))
    kube.wait_for("TaskGrant", "task", ns, agents.in_phase("Active"), 40)


def ours(kube: Kube) -> list[str]:
    """Every object of any kind that has our label or a name of ours, or a label that the operator writes, and each namespace
    with a label or annotation of ours. Events tell of the past."""
    kinds = [k for k in kube.kubectl("api-resources", "--verbs=list", "-o", "name").stdout.split() if not k.startswith("events")]
    found = json.loads(kube.kubectl("get", ",".join(kinds), "--all-namespaces", "-o", "json").stdout)["items"]

    def is_ours(o: dict) -> bool:
        meta = o["metadata"]
        labels = meta.get("labels", {})
        marks = {*labels, *meta.get("annotations", {})} if o["kind"] == "Namespace" else {*labels} & WRITTEN
        return (labels.get("app.kubernetes.io/part-of") == "errand" or meta["name"].startswith("errand-")
                or meta["name"].endswith(".errand.dev") or any(mark.startswith("errand.dev/") for mark in marks))

    return sorted(f"{o['kind']} {o['metadata'].get('namespace', '')}/{o['metadata']['name']}" for o in found if is_ours(o))


def rights_of_agents(kube: Kube) -> list[str]:
    """Bindings to an account of an agent or of ours."""
    return [f"{kind} {o['metadata']['name']}" for kind in ("RoleBinding", "ClusterRoleBinding") for o in kube.list(kind)
            if any(s["name"].startswith("errand-") for s in o.get("subjects", []))]


def remove_manifests(kube: Kube, *arguments: str) -> None:
    kube.kubectl("delete", "-k", str(ROOT / "manifests" / "base"), "--ignore-not-found", "--timeout=60s", *arguments)
