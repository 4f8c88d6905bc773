#!/usr/bin/env python3
"""How long one grant takes: from apply to Active, from its end to rights gone and to its token refused.

    tests/bench/latency.py [GRANTS]      (default 100)

Needs the programs of the `bench` preset (make bench builds them). Grants come one after another, each of kind Projected
for a Job that runs no pod. The first time is compared with the API calls that a start makes, made
one after another by `rawwriter` on one thread. The others begin when the API server has answered the revocation.
"""
import concurrent.futures
import http.client
import json
import os
import pathlib
import queue
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests")]
BUILT = ROOT / "build" / "bench"

os.environ.setdefault("ERRAND_BIN", str(BUILT))

from support import agents  # noqa: E402
from support.cluster import Cluster  # noqa: E402
from support.kinds import collection  # noqa: E402
from support.kube import MERGE  # noqa: E402
from support.processes import Installation  # noqa: E402
from support.users import operators_hand, passing_hand  # noqa: E402


class Session:
    """One connection that is kept: what is measured is the answer, not a handshake."""

    def __init__(self, kube, token: str | None = None):
        tls = ssl.create_default_context(cafile=kube.ca_file)
        if token is None:
            tls.load_cert_chain(kube.cert_file, kube.key_file)
        url = urllib.parse.urlsplit(kube.server)
        self._connection = http.client.HTTPSConnection(url.hostname, url.port, context=tls, timeout=60)
        self._headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})

    def send(self, method: str, path: str, body=None, content_type: str = "application/json") -> http.client.HTTPResponse:
        data = json.dumps(body) if body is not None else None
        self._connection.request(method, path, data, self._headers | ({"Content-Type": content_type} if data else {}))
        return self._connection.getresponse()

    def ask(self, method: str, path: str, body=None, content_type: str = "application/json") -> tuple[int, dict]:
        answer = self.send(method, path, body, content_type)
        return answer.status, json.loads(answer.read())


def watch_active(kube, ns: str, seen: queue.Queue) -> None:
    """Puts the name of each grant that becomes Active, and when that was seen, into the queue; in a thread of its own."""
    answer = Session(kube).send("GET", collection("TaskGrant", ns) + "?watch=true&timeoutSeconds=3600")
    active = set()
    for line in answer:
        g = json.loads(line)["object"]
        name = g["metadata"]["name"]
        if name not in active and g.get("status", {}).get("phase") == "Active":
            active.add(name)
            seen.put((name, time.monotonic()))


def starts(kube, ns: str, count: int) -> list[float]:
    """Milliseconds from sending a grant to its being seen Active."""
    seen: queue.Queue = queue.Queue()
    threading.Thread(target=watch_active, args=(kube, ns, seen), daemon=True).start()
    time.sleep(1)
    session, took = Session(kube), []
    for n in range(count):
        body = agents.grant(ns, f"g-{n}", agent=f"bot-{n // 100}")
        begun = time.monotonic()
        status, said = session.ask("POST", collection("TaskGrant", ns), body)
        assert status == 201, said
        name, at = seen.get(timeout=30)
        assert name == f"g-{n}"
        took.append(1000 * (at - begun))
    return took


def until(session: Session, path: str, begun: float, refused: tuple[int, ...], poll: float) -> float:
    """Milliseconds since `begun` until the answer is one of `refused`."""
    while True:
        status, _ = session.ask("GET", path)
        took = 1000 * (time.monotonic() - begun)
        if status in refused:
            return took
        assert took < 30_000, status
        time.sleep(poll)


def ends(kube, ns: str, count: int) -> tuple[list[float], list[float]]:
    """Milliseconds from the answer to a revocation until the token may do nothing, and until it is refused. Revoked one
    after another; that they are refused is waited for at the side."""
    path, gone, refused = collection("ConfigMap", ns), [], []
    admin = Session(kube)
    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        for n in range(count):
            token = operators_hand(kube).token_request(agents.account_of(kube.get("TaskGrant", f"g-{n}", ns)), ns)
            session = Session(kube, token)
            assert session.ask("GET", path)[0] == 200, "good, and the API server has just seen it"
            status, said = admin.ask("PATCH", collection("TaskGrant", ns, f"g-{n}"), {"spec": {"revoke": {"reason": "bench"}}}, MERGE)
            assert status == 200, said
            begun = time.monotonic()
            gone.append(until(session, path, begun, (401, 403), 0.001))
            refused.append(pool.submit(until, session, path, begun, (401,), 0.05))
    return gone, [f.result() for f in refused]


def figures(what: str, values: list[float]) -> tuple[float, float]:
    values = sorted(values)
    p50, p99 = values[len(values) // 2], values[len(values) * 99 // 100]
    print(f"{what}: p50 {p50:.0f} ms, p99 {p99:.0f} ms, most {values[-1]:.0f} ms ({len(values)})", flush=True)
    return p50, p99


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with Cluster.start() as cluster:
        installation, kube = Installation(cluster).install(), cluster.kube
        installation.start_webhook()
        installation.start_operator().stop()  # it finds the guards in force: what is made from here on counts
        agents.apply_many(installation, "raw", count)
        command = [BUILT / "tests" / "bench" / "rawwriter", installation.kubeconfig("errand-operator"), "raw", "1"]
        _, _, raw50, raw99, *_ = map(float, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
        print(f"bare calls one after another: p50 {raw50:.0f} ms, p99 {raw99:.0f} ms ({count})", flush=True)
        for g in kube.list("TaskGrant", "raw"):  # the operator would take them up
            passing_hand(kube).patch("TaskGrant", g["metadata"]["name"], "raw", {"metadata": {"finalizers": None}})
        kube.delete("Namespace", "raw")
        agents.apply_many(installation, "latency", 0)
        for n in range(-(-count // 100)):
            kube.create(agents.identity("latency", f"bot-{n}", maxActiveGrants=100))
        installation.start_operator()
        p50, p99 = figures("apply to Active", starts(kube, "latency", count))
        print(f"  {p50 / raw50:.1f} times the bare calls' p50 (goal 3), p99 {p99 / raw50:.1f} times (goal 6)", flush=True)
        gone, refused = ends(kube, "latency", count)
        figures("revocation answered to rights gone (goal p99 250 ms)", gone)
        figures("revocation answered to token refused (goal 10,500 ms)", refused)
        installation.stop()


if __name__ == "__main__":
    main()
