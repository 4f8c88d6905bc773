#!/usr/bin/env python3
"""How fast grants that are applied at once become Active, against a writer that makes the same calls and decides nothing.

    tests/bench/load.py [GRANTS] [REPETITIONS]      (default 1000 and 3)

Needs the programs of the `bench` preset (make bench builds them). Each repetition takes a fresh cluster, warms it up
with a few grants that are removed again (a cold API server answers a tenth more slowly), applies the grants while no
operator runs, starts one, and takes the time from its first write to the last Active, and to the last event; then the
same for `rawwriter` and as many grants in another namespace, with as many threads and the same client library. Both go
through the webhook. Grants are of kind Projected, for a Job that runs no pod.
"""
import os
import pathlib
import statistics
import subprocess
import sys
import time
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests")]
BUILT = ROOT / "build" / "bench"

os.environ.setdefault("ERRAND_BIN", str(BUILT))

from support import agents  # noqa: E402
from support.cluster import Cluster  # noqa: E402
from support.enrolment import set_mode  # noqa: E402
from support.processes import Installation  # noqa: E402
from support.users import passing_hand  # noqa: E402

WORKERS = 4
WARM = 200
CPU = "process_cpu_seconds_total"
DROPPED = "errand_events_dropped_total"
BUSY = ('workqueue_depth{name="grants"}', 'workqueue_unfinished_work_seconds{name="grants"}')
EVENTS_A_GRANT = 2


class Run(NamedTuple):
    active: float  # seconds from the first write until all are Active
    whole: float   # and until their events are written, too
    cpu: float     # of the writer, seconds, while active


def active(kube, ns: str) -> int:
    return sum(g.get("status", {}).get("phase") == "Active" for g in kube.list("TaskGrant", ns))


def events(kube, ns: str) -> int:
    page = kube.request("GET", f"/apis/events.k8s.io/v1/namespaces/{ns}/events", limit=1)
    return len(page["items"]) + page["metadata"].get("remainingItemCount", 0)


def operator_run(installation, ns: str, count: int) -> Run:
    kube = installation.kube
    process = installation.start_operator("--workers", str(WORKERS), wait=False)
    while not process.ready():
        time.sleep(0.01)
    # Its first write is the start: before it come its own start and the first lists.
    while not kube.get("TaskGrant", "g-0", ns)["metadata"].get("finalizers"):
        time.sleep(0.02)
    begun, used = time.monotonic(), process.metric(CPU)
    limit = begun + 60 + count / 10

    def await_all(done) -> float:
        while not done():
            time.sleep(0.1)
            if time.monotonic() > limit:
                raise SystemExit(f"{active(kube, ns)} of {count} are Active after {limit - begun:.0f} s\n{process.tail()}")
        return time.monotonic() - begun

    # A list of all grants costs the API server what many starts do: the operator's own queue says when to look.
    took = await_all(lambda: not any(map(process.metric, BUSY)))
    cpu = process.metric(CPU) - used
    if active(kube, ns) != count:
        raise SystemExit(f"{active(kube, ns)} of {count} are Active, and the operator has nothing to do\n{process.tail()}")
    whole = await_all(lambda: events(kube, ns) >= EVENTS_A_GRANT * count - process.metric(DROPPED))
    process.stop()
    return Run(took, whole, cpu)


def raw_run(installation, ns: str) -> Run:
    command = [BUILT / "tests" / "bench" / "rawwriter", installation.kubeconfig("errand-operator"), ns, str(WORKERS)]
    _, took, _, _, cpu, whole = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return Run(float(took), float(whole), float(cpu))


def warm_up(installation) -> None:
    kube = installation.kube
    agents.apply_many(installation, "warm", WARM)
    raw_run(installation, "warm")
    set_mode(kube, "warm", None)
    for grant in kube.list("TaskGrant", "warm"):
        passing_hand(kube).patch("TaskGrant", grant["metadata"]["name"], "warm", {"metadata": {"finalizers": None}})
    kube.delete("Namespace", "warm")
    kube.wait_gone("Namespace", "warm", None, timeout=120)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    ratios, wholes = [], []
    for n in range(int(sys.argv[2]) if len(sys.argv) > 2 else 3):
        with Cluster.start() as cluster:
            installation = Installation(cluster).install()
            installation.start_webhook()
            installation.start_operator().stop()  # it finds the guards in force: what is made from here on counts
            warm_up(installation)
            agents.apply_many(installation, "operator", count)
            ours = operator_run(installation, "operator", count)
            agents.apply_many(installation, "raw", count)  # after it: an operator would take these up, too
            raw = raw_run(installation, "raw")
            installation.stop()
        ratios.append(raw.active / ours.active)
        wholes.append(raw.whole / ours.whole)
        print(f"{count} grants: operator {described(ours, count)}; raw writer {described(raw, count)}: "
              f"{100 * ratios[-1]:.0f} %, with events {100 * wholes[-1]:.0f} %", flush=True)
    print(f"median {100 * statistics.median(ratios):.0f} % of the raw writer's rate, with events "
          f"{100 * statistics.median(wholes):.0f} %")


def described(run: Run, count: int) -> str:
    return (f"{run.active:.1f} s ({count / run.active:.0f}/s, {1e6 * run.cpu / count:.0f} us of CPU a grant), "
            f"{run.whole:.1f} s with events")


if __name__ == "__main__":
    main()
