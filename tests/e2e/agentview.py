"""What an agent does and holds, in a real container or, on the hollow node, beside it."""
import json
import os
import pathlib
import subprocess
import urllib.parse

from stage import Stage
from support.kube import Kube

FILES = "/var/run/secrets/errand.dev"
STANDARD = "/var/run/secrets/kubernetes.io/serviceaccount"


class AgentView:
    """One pod of an agent whose credentials are in the volume mounted at FILES."""

    def __init__(self, stage: Stage, pod: dict):
        self.stage, self.pod = stage, pod
        self.name = pod["metadata"]["name"]

    @property
    def directory(self) -> pathlib.Path:
        """The host's side of the credentials' volume."""
        container = self.pod["spec"]["containers"][0]
        mounted = next(m["name"] for m in container["volumeMounts"] if m["mountPath"] == FILES)
        volume = next(v for v in self.pod["spec"]["volumes"] if v["name"] == mounted)
        plugin = "secret" if "secret" in volume else "projected"
        return self.stage.cluster.volume(self.pod, mounted, plugin)

    def leased(self, secret: str, key: str) -> str | None:
        """What the file of a leased Secret holds at this moment, None if there is none. Never to be printed."""
        container = self.pod["spec"]["containers"][0]
        mounted = next(m["name"] for m in container["volumeMounts"] if m["mountPath"] == f"{FILES}/{secret}")
        try:
            return (self.stage.cluster.volume(self.pod, mounted) / key).read_text()
        except FileNotFoundError:
            return None

    def inside(self, path: str) -> str | None:
        """What the running container itself sees at a path, None where there is nothing; of a real node only."""
        device = os.stat(self.directory).st_dev  # its volume is a tmpfs of its own
        mounted = f"{os.major(device)}:{os.minor(device)}", FILES
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                mounts = [line.split() for line in (process / "mountinfo").read_text().splitlines()]
            except OSError:  # it has ended
                continue
            if any((m[2], m[4]) == mounted for m in mounts):
                seen = process / "root" / path.lstrip("/")
                return seen.read_text() if seen.is_file() else None
        raise AssertionError(f"no process of pod {self.name} has {FILES}")

    def token(self) -> str | None:
        """The token that the agent holds at this moment, None if there is none. Never to be printed."""
        try:
            token = (self.directory / "token").read_text().strip()
        except FileNotFoundError:
            return None
        if token not in self.stage.tokens:
            self.stage.tokens.append(token)
        return token

    def lines(self) -> list[dict]:
        """The agent's output so far; on the hollow node the calls are made now, by the same program."""
        if self.stage.cluster.real:
            text = self.stage.kube.kubectl("-n", self.pod["metadata"]["namespace"], "logs", self.name, check=False).stdout
        else:
            text = self._run_beside()
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def _run_beside(self) -> str:
        arguments = [a for a in self.pod["spec"]["containers"][0]["args"] if not a.startswith(("--hold", "--loop"))]
        server = urllib.parse.urlsplit(self.stage.kube.server)
        env = {**os.environ, "KUBERNETES_SERVICE_HOST": server.hostname, "KUBERNETES_SERVICE_PORT": str(server.port)}
        command = [self.stage.agent, "--credentials", self.directory, *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False).stdout

    def did(self, call: str, status: int) -> bool:
        """Whether a call that begins with `call` was last answered with `status`."""
        made = [line for line in self.lines() if line["call"].startswith(call)]
        return bool(made) and made[-1].get("status", 0) == status


def answer(kube: Kube, token: str, path: str) -> int:
    """The status that the API server gives to a GET with this token, on a fresh connection."""
    return kube.with_token(token).raw("GET", path)[0]
