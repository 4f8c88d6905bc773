"""What `kubectl errand scan` costs: CPU of the process for many files, a long list, a large merge and near misses.

    python tests/bench/scan.py [--rounds 3]

Needs kubectl-errand and rules-bench (preset bench). A ratio compares two inputs of one run, so it holds on any machine.
Prints one JSON object; docs/performance.md explains it.
"""
import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault("ERRAND_BIN", str(ROOT / "build" / "bench"))
sys.path[:0] = [str(ROOT / "tests")]

# pylint: disable=wrong-import-position
from support.nearmisses import near_misses  # noqa: E402
from support.processes import program  # noqa: E402

COUNT = 10_000
KEYS = 100_000
DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {{name: web-{number}, namespace: agents, labels: {{app: web-{number}}}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web-{number}}}}}
  template:
    metadata:
      labels: {{app: web-{number}}}
    spec:
      automountServiceAccountToken: false
      containers:
      - name: web
        image: registry.example.com/team/web:1.2.{number}
        args: [--verbose, --listen=:8080]
        ports: [{{name: http, containerPort: 8080}}]
        readinessProbe: {{httpGet: {{path: /healthz, port: http}}, periodSeconds: 5}}
        resources: {{requests: {{cpu: 100m, memory: 64Mi}}, limits: {{memory: 128Mi}}}}
        env:
        - {{name: LOG_LEVEL, value: info}}
        - {{name: BACKEND_URL, value: "http://backend-{number}.agents.svc:8080/v1/items?limit=100"}}
        - {{name: CACHE_SIZE, value: "1000"}}
        - {{name: POD_NAME, valueFrom: {{fieldRef: {{fieldPath: metadata.name}}}}}}
        volumeMounts: [{{name: work, mountPath: /work}}]
      volumes:
      - {{name: work, emptyDir: {{}}}}
"""
POD = """apiVersion: v1
kind: Pod
metadata: {{name: p{number}}}
spec:
  automountServiceAccountToken: false
  containers:
  - name: app
    env:
    - {{name: PGPASSWORD, value: hunter2plain}}
"""


def deployments(folder: pathlib.Path) -> None:
    for number in range(COUNT):
        (folder / f"{number:05}.yaml").write_text(DEPLOYMENT.format(number=number))


def documents(folder: pathlib.Path) -> None:
    (folder / "pods.yaml").write_text("---\n".join(POD.format(number=number) for number in range(COUNT)))


def one_list(folder: pathlib.Path) -> None:
    items = ["- " + POD.format(number=number).rstrip().replace("\n", "\n  ") + "\n" for number in range(COUNT)]
    (folder / "pods.yaml").write_text("apiVersion: v1\nkind: List\nitems:\n" + "".join(items))


def merge(folder: pathlib.Path, keys: int = KEYS) -> None:
    lines = "".join(f"  k{number}: v\n" for number in range(keys))
    (folder / "merge.yaml").write_text(f"x: &x\n{lines}y:\n  <<: *x\n{lines}---\n{POD.format(number=0)}")


def config_map(folder: pathlib.Path, text: str) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "near"}, "data": {"text": text}}
    (folder / "map.json").write_text(json.dumps(body))


# By name: writes the input, and the exit code with the number of findings that are right.
CASES = {
    "10,000 files": (deployments, 0, 0),
    "10,000 documents": (documents, 1, COUNT),
    "a List of 10,000": (one_list, 1, COUNT),
    "50,000 keys and a merge of them": (lambda folder: merge(folder, KEYS // 2), 1, 1),
    "100,000 keys and a merge of them": (merge, 1, 1),
    "1 MB of near misses": (lambda folder: config_map(folder, near_misses(1_000_000, 1)), 0, 0),
    "1 MB of ordinary text": (lambda folder: config_map(folder, "level: debug, limit: 100\n" * 40_000), 0, 0),
}


def cpu_seconds(folder: pathlib.Path, code: int, findings: int) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([program("kubectl-errand"), "scan", folder, "--format", "json"], capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    report = json.loads(done.stdout)
    assert (done.returncode, len(report["findings"])) == (code, findings), (done.returncode, report["findings"][:3], report["broken"][:3])
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rules_bench() -> dict[str, float]:
    """CPU milliseconds of the webhook's rules on 1 MB of near misses, by case."""
    bench = pathlib.Path(os.environ["ERRAND_BIN"]) / "tests/bench/rules-bench"
    done = subprocess.run([bench, "--benchmark_filter=nearMisses", "--benchmark_format=json"],
                          capture_output=True, check=True)
    return {one["name"]: round(one["cpu_time"], 1) for one in json.loads(done.stdout)["benchmarks"]}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    seconds: dict[str, list[float]] = {name: [] for name in CASES}
    with tempfile.TemporaryDirectory() as name:
        for number, (write, _, _) in enumerate(CASES.values()):
            folder = pathlib.Path(name) / str(number)
            folder.mkdir()
            write(folder)
        for _ in range(chosen.rounds):
            for number, (case, (_, code, findings)) in enumerate(CASES.items()):
                seconds[case].append(round(cpu_seconds(pathlib.Path(name) / str(number), code, findings), 3))
    middle = {case: statistics.median(rounds) for case, rounds in seconds.items()}
    ratios = {"List to documents": middle["a List of 10,000"] / middle["10,000 documents"],
              "twice the keys of a merge": middle["100,000 keys and a merge of them"] / middle["50,000 keys and a merge of them"]}
    print(json.dumps({"CPU s": seconds, "median CPU s": middle, "ratios": {name: round(value, 2) for name, value in ratios.items()},
                      "ms of near misses": round(1e3 * (middle["1 MB of near misses"] - middle["1 MB of ordinary text"])),
                      "rules, CPU ms": rules_bench(), "load average": os.getloadavg()[0]}, indent=1))


if __name__ == "__main__":
    main()
