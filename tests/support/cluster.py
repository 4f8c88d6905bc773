"""Clusters of the rig: start, find a pod's files, stop.

    with Cluster.start() as cluster:
        cluster.kube.list("Pod", "default")
"""
import functools
import os
import pathlib
import shutil
import subprocess
import tempfile

from support.kube import Kube, eventually

RIG = pathlib.Path(__file__).resolve().parents[1] / "cluster" / "rig"


@functools.cache
def binaries() -> pathlib.Path:
    """The directory of `controlplane` and `kubectl`, built if this checkout's are not there."""
    done = subprocess.run([RIG / "build.sh"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"tests/cluster/rig/build.sh: {done.stderr[-2000:]}")
    return pathlib.Path(done.stdout.splitlines()[-1])


class Cluster:
    """A control plane with a hollow node, or with `node=""` one for a real node (`add_real_node`)."""

    def __init__(self, directory: pathlib.Path, binary: pathlib.Path, real: bool = False):
        self.directory, self.binary, self.real = directory, binary, real
        self.kube = Kube.admin(directory, str(binary / "kubectl"))

    @classmethod
    def start(cls, directory: str | pathlib.Path | None = None, node: str = "hollow-1", sync: str = "2s",
              *arguments: str) -> "Cluster":
        """`arguments` go to `controlplane up`. Raises RuntimeError with its output when it does not come up."""
        binary = binaries()
        home = pathlib.Path(directory or tempfile.mkdtemp(prefix="errand-cluster-"))
        command = [binary / "controlplane", "up", "--dir", home, "--node", node, "--sync-frequency", sync, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"controlplane up --dir {home}: {done.stdout}{done.stderr}")
        return cls(home, binary)

    def _node_sh(self, *arguments) -> None:
        path = f"{self.binary}:{os.environ['PATH']}"
        env = {**os.environ, "PATH": path, "SYNC_FREQUENCY": "2s"}
        # The node's processes outlive the script: output goes to a file, for a pipe would stay open with them.
        log = self.directory / "logs" / "node.log"
        with log.open("a") as out:
            done = subprocess.run([RIG / "node.sh", *arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                  env=env, check=False)
        if done.returncode:
            raise RuntimeError(f"node.sh {arguments[0]}: {log.read_text()[-2000:]}")

    def add_real_node(self) -> None:
        """As root; the cluster was started with node="". Returns once the node takes pods."""
        self.real = True
        self._node_sh("up", self.directory)
        self.kube.wait_for("Node", "localhost", None, lambda n: _ready(n) and not n["spec"].get("taints"), 30)

    def load_image(self, archive: pathlib.Path) -> None:
        self._node_sh("load", self.directory, archive)

    def stop(self, keep_files: bool = False) -> None:
        if self.real:
            self._node_sh("down", self.directory)
        subprocess.run([self.binary / "controlplane", "down", "--dir", self.directory], check=True)
        if not keep_files:
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def volume(self, pod: dict, name: str, plugin: str = "projected") -> pathlib.Path:
        """The directory that a container of `pod` sees as volume `name`; it may not be filled yet."""
        root = self.directory / ("real/kubelet" if self.real else "node")
        return root / "pods" / pod["metadata"]["uid"] / "volumes" / f"kubernetes.io~{plugin}" / name

    def read(self, pod: dict, volume: str, file: str, plugin: str = "projected", timeout: float = 15) -> str:
        """A file of a pod's volume, waited for."""
        path = self.volume(pod, volume, plugin) / file
        eventually(path.is_file, timeout, what=str(path))
        return path.read_text()


def _ready(node: dict) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"].get("conditions", []))
