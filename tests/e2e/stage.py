"""Where the demo takes place: a cluster with a real node where it may, the agent's image, both processes."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from support.cluster import RIG, Cluster, binaries
from support.kube import Timeout
from support.processes import ROOT, Installation

NAMESPACE = "agents"
IMAGE = "localhost/errand-agent:1"
RECORD = pathlib.Path(os.environ.get("ERRAND_CACHE", pathlib.Path.home() / ".cache" / "errand")) / "demo.json"
LOGS = ROOT / "build" / "demo-logs"


class Stage:
    """Everything the steps share. `tokens` are those a step has seen, to be sure that no log holds one."""

    def __init__(self, cluster: Cluster, agent: pathlib.Path):
        self.cluster, self.kube, self.agent = cluster, cluster.kube, agent
        self.installation = Installation(cluster)
        self.tokens: list[str] = []
        self.notes: dict[str, object] = {}

    @classmethod
    def open(cls) -> "Stage":
        end_leftover()
        home = pathlib.Path(tempfile.mkdtemp(prefix="errand-demo-"))
        RECORD.parent.mkdir(parents=True, exist_ok=True)
        RECORD.write_text(json.dumps({"directory": str(home), "pid": os.getpid(), "kept": False}))
        wanted = os.environ.get("ERRAND_NODE", "auto")
        real = wanted == "real" or (wanted == "auto" and _may_run_real_node())
        agent = _build_agent(home)
        cluster = Cluster.start(home, node="" if real else "hollow-1")
        try:
            if real:
                _add_node(cluster, home, agent)
        except (RuntimeError, Timeout) as error:
            cluster.stop(keep_files=wanted == "real")
            if wanted == "real":
                raise RuntimeError(f"no real node, see {home}/logs and {home}/real/logs: {error}") from error
            say(f"no real node here ({str(error).splitlines()[0]}): a hollow one instead")
            home.mkdir()
            agent = _build_agent(home)
            cluster = Cluster.start(home)
        return cls(cluster, agent)

    def describe(self) -> str:
        if self.cluster.real:
            return "a real node: containerd and runc run the example agent's image"
        return ("a hollow node: real token files, no containers; the example agent runs beside it on a pod's files "
                "(as root, with containerd and runc, the demo uses a real node)")

    def apply(self, text: str) -> None:
        self.kube.kubectl("apply", "-f", "-", stdin=text)

    def apply_example(self, name: str) -> None:
        self.kube.kubectl("apply", "-f", str(ROOT / "examples" / name))

    def save_logs(self) -> pathlib.Path:
        """Copies what all processes logged to where it outlives the cluster."""
        shutil.rmtree(LOGS, ignore_errors=True)
        shutil.copytree(self.cluster.directory / "logs", LOGS, ignore_dangling_symlinks=True,
                        ignore=shutil.ignore_patterns("pods"))
        return LOGS

    def close(self, keep: bool) -> None:
        if keep:
            RECORD.write_text(json.dumps({"directory": str(self.cluster.directory), "pid": os.getpid(), "kept": True}))
            return
        self.installation.stop()
        self.cluster.stop()
        RECORD.unlink(missing_ok=True)


def say(text: str) -> None:
    print("    " + text, flush=True)


def end_leftover(kept_too: bool = False) -> None:
    """Ends what a demo that was killed has left running; one kept on purpose only with `kept_too`."""
    if not RECORD.exists():
        return
    left = json.loads(RECORD.read_text())
    home = pathlib.Path(left["directory"])
    if left["kept"] and not kept_too and (home / "pids").exists():
        raise RuntimeError(f"a demo was kept running in {home}: end it with {ROOT}/tests/e2e/demo.py --end")
    if not left["kept"] and pathlib.Path(f"/proc/{left['pid']}/cmdline").exists() and left["pid"] != os.getpid():
        command = pathlib.Path(f"/proc/{left['pid']}/cmdline").read_bytes()
        if b"demo.py" in command:
            raise RuntimeError(f"another demo is running (process {left['pid']})")
    if home.exists():
        binary = binaries()
        env = {**os.environ, "PATH": f"{binary}:{os.environ['PATH']}"}
        if (home / "real").exists():
            subprocess.run([RIG / "node.sh", "down", home], env=env, check=False)
        subprocess.run([binary / "controlplane", "down", "--dir", home, "--rm"], check=False)
    RECORD.unlink()


def _may_run_real_node() -> bool:
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    return os.geteuid() == 0 and all(shutil.which(tool, path=path) for tool in ("containerd", "runc", "iptables"))


def _build_agent(home: pathlib.Path) -> pathlib.Path:
    agent = home / "agent"
    subprocess.run(["go", "build", "-trimpath", "-ldflags=-s -w", "-o", agent, "."], check=True,
                   cwd=ROOT / "examples" / "agent", env={**os.environ, "CGO_ENABLED": "0"})
    return agent


def _add_node(cluster: Cluster, home: pathlib.Path, agent: pathlib.Path) -> None:
    image = home / "agent.tar"
    subprocess.run(["python3", RIG / "image.py", image, IMAGE, '["/agent"]', f"{agent}=agent"], check=True)
    cluster.add_real_node()
    cluster.load_image(image)


def stopwatch():
    """Seconds since this call, each time the result is called."""
    began = time.monotonic()
    return lambda: time.monotonic() - began
