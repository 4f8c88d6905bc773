"""The parts of a test cluster's control plane: killed, and started again as they were."""
import os
import pathlib
import signal
import subprocess

from support.cluster import Cluster
from support.kube import eventually


class Component:
    """`kube-apiserver` or `etcd` of a cluster."""

    def __init__(self, cluster: Cluster, name: str):
        self._home, self.name = cluster.directory, name
        self.pid = next(int(pid) for found, pid, _ in self._recorded() if found == name)
        self._command = pathlib.Path(f"/proc/{self.pid}/cmdline").read_text().split("\0")[:-1]
        self._binary = os.readlink(f"/proc/{self.pid}/exe")

    def _recorded(self) -> list[list[str]]:
        return [line.split() for line in (self._home / "pids").read_text().splitlines()]

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        eventually(lambda: not pathlib.Path(f"/proc/{self.pid}/exe").exists() or _zombie(self.pid), 5,
                   what=f"{self.name} is dead")

    def start(self) -> None:
        """With the same arguments, known to `controlplane down` as before."""
        with (self._home / "logs" / f"{self.name}.log").open("a") as log:
            child = subprocess.Popen([self._binary, *self._command[1:]], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                     cwd=self._home, start_new_session=True)
        stat = pathlib.Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
        lines = [r if r[0] != self.name else [self.name, str(child.pid), stat[19]] for r in self._recorded()]
        (self._home / "pids").write_text("".join(" ".join(line) + "\n" for line in lines))
        self.pid = child.pid


def _zombie(pid: int) -> bool:
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
