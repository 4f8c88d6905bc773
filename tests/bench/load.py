#!/usr/bin/env python3
"""How fast grants that are applied at once become Active, against a writer that makes the same calls and decides nothing.

    tests/bench/load.py [GRANTS] [REPETITIONS]      (default 1000 and 3)

Needs the programs of the `bench` preset (make bench builds them). Each repetition applies the grants while no operator
runs, starts one, and takes the time from its first write to the last Active; and the same number of grants in another
namespace for `rawwriter`, with as many threads and the same client library. Both go through the webhook. Grants are of
kind Projected, for a suspended Job, so that no pod takes part.
"""
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "cluster")]
BUILT = ROOT / "build" / "bench"

os.environ.setdefault("ERRAND_BIN", str(BUILT))

import agents  # noqa: E402
from cluster import Cluster  # noqa: E402
from processes import Installation  # noqa: E402

WORKERS = 4
CPU = "process_cpu_seconds_total"
PATCHES = 'rest_client_requests_total{code="200",host="127.0.0.1",method="PATCH"}'
PATCHES_A_GRANT = 4  # finalizer, mark, two statuses


def active(kube, ns: str) -> int:
    return sum(g.get("status", {}).get("phase") == "Active" for g in kube.list("TaskGrant", ns))


def operator_run(installation, ns: str, count: int) -> tuple[float, float]:
    """Seconds until all are Active, and the operator's CPU seconds meanwhile."""
    process = installation.start_operator("--workers", str(WORKERS), wait=False)
    while not process.ready():
        time.sleep(0.01)
    # Its first write is the start: before it come its own start and the first lists.
    while not installation.kube.get("TaskGrant", "g-0", ns)["metadata"].get("finalizers"):
        time.sleep(0.02)
    begun, used = time.monotonic(), process.metric(CPU)
    # A list of all grants costs the API server what many starts do: the operator's own count of its calls says when to look.
    while process.metric(PATCHES) < PATCHES_A_GRANT * count or active(installation.kube, ns) < count:
        time.sleep(0.2)
        if time.monotonic() - begun > 60 + count / 10:
            done = active(installation.kube, ns)
            raise SystemExit(f"{done} of {count} are Active after {time.monotonic() - begun:.0f} s\n{process.tail()}")
    now = time.monotonic()
    took, cpu = now - begun, process.metric(CPU) - used
    process.stop()
    return took, cpu


def raw_run(installation, ns: str) -> tuple[float, float]:
    command = [BUILT / "tests" / "bench" / "rawwriter", installation.kubeconfig("errand-operator"), ns, str(WORKERS)]
    _, took, _, _, cpu = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(took), float(cpu)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    ratios = []
    for n in range(int(sys.argv[2]) if len(sys.argv) > 2 else 3):
        with Cluster.start() as cluster:
            installation = Installation(cluster).install()
            installation.start_webhook()
            agents.apply_many(installation, "operator", count)
            took, cpu = operator_run(installation, "operator", count)
            agents.apply_many(installation, "raw", count)  # after it: an operator would take these up, too
            raw, raw_cpu = raw_run(installation, "raw")
            installation.stop()
        ratios.append(raw / took)
        print(f"{count} grants: operator {took:.1f} s ({count / took:.0f}/s, {1e6 * cpu / count:.0f} us of CPU a grant), "
              f"raw writer {raw:.1f} s ({count / raw:.0f}/s, {1e6 * raw_cpu / count:.0f} us): {100 * raw / took:.0f} %", flush=True)
    print(f"median {100 * statistics.median(ratios):.0f} % of the raw writer's rate")


if __name__ == "__main__":
    main()
