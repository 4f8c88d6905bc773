"""What the webhook's server costs: CPU a request, new connections at once, the first answer, memory at rest.

    python tests/bench/serve.py [--seconds 10]

Needs the test cluster's binaries, as tests/cluster does, and serve-constant (preset bench). In one
run: a 10 KB review that is judged, and the same bytes given to a handler that answers a constant.
Prints one JSON object; docs/performance.md explains it.
"""
import argparse
import collections
import concurrent.futures
import json
import multiprocessing
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = ROOT / "build" / "bench"
os.environ.setdefault("ERRAND_BIN", str(BUILT))
sys.path[:0] = [str(ROOT / "tests")]

# pylint: disable=wrong-import-position
from support.cluster import Cluster  # noqa: E402
from support.front import Answer, Front, post, review  # noqa: E402
from support.processes import Installation, free_port, program  # noqa: E402

CONNECTIONS, WORKERS = 25, 5
TICKS = os.sysconf("SC_CLK_TCK")


def large_review() -> bytes:
    """A pod review of 10 KB: 20 variables in each of 6 containers."""
    body = json.loads(review())
    spec = body["request"]["object"]["spec"]
    spec["containers"] = [{"name": f"c{i}", "image": "registry.example.com/team/app:1.2.3",
                           "env": [{"name": f"SETTING_{n}", "value": f"http://service-{n}.example.com:80"} for n in range(20)]}
                          for i in range(6)]
    return json.dumps(body).encode()


def cpu_seconds(pid: int) -> float:
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def ask(address, request: bytes, end: float, connections: int) -> int:
    front = Front.__new__(Front)
    front.address = address
    kept, number = [front.connect() for _ in range(connections)], 0
    while time.monotonic() < end:
        for connection in kept:
            connection.sendall(request)
        for connection in kept:
            assert Answer(connection).status == 200
        number += connections
    return number


def load(address, pid: int, request: bytes, seconds: float) -> dict:
    """CPU of the server's process alone: the clients' share of the machine does not count."""
    end, begun = time.monotonic() + seconds, cpu_seconds(pid)
    jobs = [(address, request, end, CONNECTIONS // WORKERS)] * WORKERS
    with multiprocessing.get_context("fork").Pool(WORKERS) as pool:
        number = sum(pool.starmap(ask, jobs))
    spent = cpu_seconds(pid) - begun
    return {"requests": number, "CPU us a request": round(spent / number * 1e6, 1)}


def burst(front: Front, number: int) -> dict:
    """All handshakes begin before the first is over."""
    request = post("/validate", review())

    def one(_) -> bool:
        return front.ask(request).status == 200

    with concurrent.futures.ThreadPoolExecutor(number) as pool:
        begun = time.monotonic()
        good = sum(pool.map(one, range(number)))
    return {"connections": number, "answered": good, "seconds": round(time.monotonic() - begun, 2)}


def first_answer(installation: Installation, pki: pathlib.Path) -> float:
    """Milliseconds from exec to the whole answer of a first review, asked again and again meanwhile."""
    front, port = Front.__new__(Front), free_port()
    front.address = ("127.0.0.1", port)
    command = [program("errand-webhook"), "--kubeconfig", installation.kubeconfig("errand-webhook"),
               "--listen", f"127.0.0.1:{port}", "--tls-cert-file", pki / "webhook.crt",
               "--tls-private-key-file", pki / "webhook.key", "--health-listen", f"127.0.0.1:{free_port()}",
               "--webhook-configuration", ""]
    request, begun = post("/validate", review()), time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            assert front.ask(request).status == 200
            break
        except OSError:
            assert process.poll() is None and time.monotonic() - begun < 10
            time.sleep(0.002)
    taken = time.monotonic() - begun
    process.terminate()
    process.wait()
    return round(taken * 1e3)


def resident(pid: int) -> dict[str, float]:
    """MiB by what is mapped: a library, the heap, anonymous memory (arenas and stacks)."""
    sizes: dict[str, float] = collections.defaultdict(float)
    name = ""
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        fields = line.split()
        if not fields[0].endswith(":"):
            name = pathlib.Path(fields[5]).name if len(fields) > 5 else "anonymous"
        elif fields[0] == "Rss:":
            sizes[name] += int(fields[1]) / 1024
    return {name: round(size, 2) for name, size in sorted(sizes.items(), key=lambda s: -s[1])[:12]}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--seconds", type=float, default=8)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--constant", type=pathlib.Path, default=BUILT / "tests/bench/serve-constant")
    chosen = options.parse_args()
    body = large_review()
    with Cluster.start() as cluster:
        installation = Installation(cluster).install()
        pki = cluster.directory / "pki"
        front = Front(installation, "webhook-bench", pki / "webhook.crt", pki / "webhook.key")
        time.sleep(2)
        out = {"body bytes": len(body), "idle RSS MiB": round(front.resident_mib(), 1),
               "of it": resident(front.process.pid)}
        reviews, constants, request = [], [], post("/validate", body)
        constant = subprocess.Popen([chosen.constant, pki / "webhook.crt", pki / "webhook.key"], text=True,
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        host, _, port = constant.stdout.readline().strip().rpartition(":")
        where = (host, int(port))
        for _ in range(chosen.rounds):
            constants.append(load(where, constant.pid, request, chosen.seconds))
            reviews.append(load(front.address, front.process.pid, request, chosen.seconds))
        constant.communicate()
        middle = {name: statistics.median(r["CPU us a request"] for r in rounds)
                  for name, rounds in (("constant", constants), ("review", reviews))}
        out |= {"constant": constants, "review": reviews, "median CPU us": middle,
                "ratio": round(middle["review"] / middle["constant"], 2), "burst": burst(front, 200),
                "RSS MiB after": round(front.resident_mib(), 1),
                "load average": os.getloadavg()[0]}
        out["first answer ms"] = [first_answer(installation, pki) for _ in range(5)]
        installation.stop()
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main()
