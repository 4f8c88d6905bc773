"""Drives the fault proxy (tests/faults/proxy), which stands before the API server and fails by plan.

    with FaultProxy(cluster) as proxy:
        operator = installation.start_operator(server=proxy.url)
        proxy.plan(rule("no", "status", status=503, method="POST", path=".*/secrets", count=3), seed=7)

tests/faults/proxy/rules.go says what a rule may hold.
"""
import dataclasses
import functools
import http.client
import json
import pathlib
import subprocess
import urllib.parse

from support.kube import eventually

BUILD = pathlib.Path(__file__).resolve().parents[1] / "faults" / "proxy" / "build.sh"
TOKEN_REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews"
WRITES = "POST|PUT|PATCH|DELETE"


def rule(name: str, fault: str, **fields) -> dict:
    return {"name": name, "fault": fault, **fields}


@dataclasses.dataclass(frozen=True)
class Record:
    number: int  # from 1, in the order in which they were answered or given up
    arrived: float  # Unix seconds
    answered: float
    method: str
    path: str
    query: str
    status: int  # 0: the client was told nothing
    forwarded: bool  # the API server was asked
    rule: str
    audiences: list[str] | None  # of a TokenRequest

    @property
    def write(self) -> bool:
        return self.method in WRITES.split("|")

    @property
    def mint(self) -> bool:
        """A token that somebody could use: the probe of a revocation's proof is of an audience nobody accepts."""
        return self.method == "POST" and self.path.endswith("/token") and self.audiences != ["errand.dev/probe"]


@functools.cache
def program() -> str:
    done = subprocess.run([BUILD], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{BUILD}: {done.stderr[-2000:]}")
    return done.stdout.splitlines()[-1]


class FaultProxy:
    """Serves on a free port of 127.0.0.1 with the cluster's webhook certificate."""

    def __init__(self, cluster):
        pki = cluster.directory / "pki"
        command = [program(), "-upstream", urllib.parse.urlsplit(cluster.kube.server).netloc, "-ca", pki / "ca.crt",
                   "-cert", pki / "webhook.crt", "-key", pki / "webhook.key"]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started = json.loads(self._child.stdout.readline())
        self.url = started["proxy"]
        self._control = urllib.parse.urlsplit(started["control"]).netloc

    def _ask(self, method: str, path: str, body=None, /, **query):
        connection = http.client.HTTPConnection(self._control, timeout=30)
        try:
            target = path + ("?" + urllib.parse.urlencode(query) if query else "")
            connection.request(method, target, body and json.dumps(body))
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status != 200:
            raise ValueError(text.strip())
        return json.loads(text) if text else None

    def plan(self, *rules: dict, seed: int = 0) -> None:
        """These rules in place of all others. Raises ValueError where one cannot be understood."""
        self._ask("PUT", "/rules", {"seed": seed, "rules": rules})

    def add(self, *rules: dict) -> None:
        self._ask("POST", "/rules", {"rules": rules})

    def remove(self, name: str) -> None:
        """What the rule holds goes on."""
        self._ask("DELETE", "/rules", name=name)

    def release(self, name: str) -> None:
        self._ask("POST", "/release", name=name)

    def state(self, name: str) -> dict:
        """{matched, fired, held} of a rule; zeros where there is none of that name."""
        return self._ask("GET", "/rules").get(name, {"matched": 0, "fired": 0, "held": 0})

    def wait_fired(self, name: str, times: int = 1, timeout: float = 30) -> None:
        eventually(lambda: self.state(name)["fired"] >= times, timeout, 0.02, f"rule {name} strikes")

    def wait_held(self, name: str, timeout: float = 30) -> None:
        eventually(lambda: self.state(name)["held"] > 0, timeout, 0.02, f"rule {name} holds a request")

    def drop(self, path: str = ".*", query: str = "") -> int:
        """Breaks every request under way, watches too, whose path matches whole and query in part."""
        return self._ask("POST", "/drop", path=path, query=query)

    def remember(self, path: str) -> None:
        """From here on keeps what GETs of these paths were answered, for the fault `older`."""
        self._ask("PUT", "/remember", path=path)

    def log(self, since: int = 0) -> list[Record]:
        return [Record(**r) for r in self._ask("GET", "/log", since=since)]

    def stop(self) -> None:
        self._child.stdin.close()
        self._child.wait(5)
        self._child.stdout.close()

    def __enter__(self) -> "FaultProxy":
        return self

    def __exit__(self, *_) -> None:
        self.stop()
