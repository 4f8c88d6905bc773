"""Our processes beside a test cluster.

Each runs as its own ServiceAccount with only what manifests/local gives it.
"""
import base64
import contextlib
import datetime
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid

from support.cluster import Cluster
from support.enrolment import enroll
from support.kube import ApiError, eventually
from support.users import passing_hand

ROOT = pathlib.Path(__file__).resolve().parents[2]
SYSTEM = "errand-system"
CONFIGURATIONS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
TOKEN = re.compile(rb"eyJ[-_A-Za-z0-9]{4,}\.eyJ")
TOKEN_LIFE = 6 * 3600  # longer than any test run; in a pod the kubelet renews it


def program(name: str) -> pathlib.Path:
    """`errand-operator`, `errand-cainjector` or `errand-webhook`, below ERRAND_BIN (default build/dev)."""
    base = pathlib.Path(os.environ.get("ERRAND_BIN", ROOT / "build" / "dev"))
    tried = [base / name, base / name.removeprefix("errand-") / name, base / "operator" / name, base / "cli" / name, base / "bin" / name]
    for path in tried:
        if path.is_file():
            return path
    raise FileNotFoundError(f"no {name} at {', '.join(map(str, tried))}: run `make programs` or set ERRAND_BIN")


def free_port() -> int:
    """Below the kernel's range for outgoing connections, so that none of those takes it meanwhile; each worker of a run
    of several has 500 ports of its own."""
    first = 14000 + 500 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        port = random.randrange(first, first + 500)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def is_free(port: int) -> bool:
    """Whether nobody listens there; connections that have ended do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


class Process:
    """One of our programs; its output is in the cluster's logs, its id among the cluster's processes,
    so that `controlplane down` ends it should this program be killed itself."""

    def __init__(self, name: str, command: list, home: pathlib.Path, health: str):
        self.name, self.log, self.health = name, home / "logs" / f"{name}.log", health
        with self.log.open("a") as out:
            self._child = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out,
                                           stderr=out, start_new_session=True)
        self.pid = self._child.pid
        with (home / "pids").open("a") as pids:
            pids.write(f"{name} {self.pid} {_start_time(self.pid)}\n")

    @property
    def alive(self) -> bool:
        return self._child.poll() is None

    def ready(self) -> bool:
        assert self.alive, f"{self.name} ended with {self._child.returncode}:\n{self.tail()}"
        try:
            with urllib.request.urlopen(f"http://{self.health}/readyz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def metrics(self) -> list[str]:
        """The lines of /metrics that hold a value."""
        with urllib.request.urlopen(f"http://{self.health}/metrics", timeout=5) as answer:
            return [line for line in answer.read().decode().splitlines() if line and not line.startswith("#")]

    def metric(self, series: str) -> float:
        """The value at /metrics of a series, such as `up{name="x"}`. KeyError where it is not counted yet."""
        return float(dict(line.rsplit(" ", 1) for line in self.metrics())[series])

    def leads(self) -> bool:
        """Of operators with leader election: whether this one acts."""
        return self.metric('leader_election_master_status{name="errand-operator"}') == 1

    def guards_hold(self) -> bool:
        """Of an operator that leads: whether it has found the policies to hold, without which no grant starts."""
        try:
            return self.metric('errand_guard_holds{guard="all"}') == 1
        except KeyError:
            return False

    def wait_ready(self, timeout: float = 30) -> "Process":
        eventually(self.ready, timeout, what=f"{self.name} is ready (log: {self.log})")
        return self

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def kill(self) -> None:
        """SIGKILL: nothing is put in order first."""
        self._child.kill()
        self._child.wait()

    def stop(self, timeout: float = 10) -> int:
        """SIGTERM, then SIGKILL after `timeout`; returns the exit code (negative: the signal)."""
        if self.alive:
            self._child.send_signal(signal.SIGTERM)
        try:
            return self._child.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._child.returncode


class Installation:
    """What `manifests/local` installs in a cluster, and the processes started for it."""

    def __init__(self, cluster: Cluster):
        self.cluster, self.kube = cluster, cluster.kube
        self.processes: list[Process] = []
        self.webhook_port = free_port()  # known before the webhook starts: the operator is told

    def install(self, manifests: str = "local") -> "Installation":
        """CRDs, all ServiceAccounts with their RBAC, webhook configurations; returns once the CRDs are served. `base` also
        has the Deployments, whose pods are hollow."""
        rendered = self.kube.kubectl("kustomize", str(ROOT / "manifests" / manifests)).stdout
        self.kube.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=rendered)
        return self.await_installed()

    def await_installed(self) -> "Installation":
        """Until the CRDs are served and the policies in force that somebody has installed."""
        self.kube.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
        self._await_policies()
        return self

    def _await_policies(self) -> None:
        """Until the API server obeys them: it takes them in one after another, errand-tokens last."""
        account, hand = "errand-g.probe", passing_hand(self.kube)

        def in_force() -> bool:
            try:
                self.kube.token_request(account, SYSTEM)
            except ApiError as error:
                return "[SC501]" in error.message
            return False

        hand.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account, "namespace": SYSTEM}})
        eventually(in_force, 30, 0.1, "the policies are in force")
        hand.delete("ServiceAccount", account, SYSTEM)

    def enroll(self, namespace: str, roles: tuple[str, ...] = (), cluster_roles: tuple[str, ...] = (),
               settle: bool = False, pod_security: bool = False) -> None:
        """Makes `namespace` one of the product's; the operator may bind the named roles there, and no others. `settle` and
        `pod_security`: as in enrolment.enroll()."""
        enroll(self.kube, namespace, roles, cluster_roles, settle, pod_security)

    def kubeconfig(self, account: str, server: str | None = None) -> pathlib.Path:
        """A kubeconfig of a ServiceAccount in errand-system, its token in a file as a pod has it."""
        home = self.cluster.directory / account
        home.mkdir(exist_ok=True)
        token = home / "token"
        token.touch(mode=0o600)
        token.write_text(self.kube.token_request(account, SYSTEM, seconds=TOKEN_LIFE))
        ca = base64.b64encode(pathlib.Path(self.kube.ca_file).read_bytes()).decode()
        config = {
            "apiVersion": "v1", "kind": "Config", "current-context": "default",
            "clusters": [{"name": "default",
                          "cluster": {"server": server or self.kube.server, "certificate-authority-data": ca}}],
            "users": [{"name": "default", "user": {"tokenFile": str(token)}}],
            "contexts": [{"name": "default", "context": {"cluster": "default", "user": "default"}}],
        }
        path = home / "kubeconfig"
        path.write_text(json.dumps(config, indent=1))
        return path

    def start_operator(self, *arguments: str, server: str | None = None, wait: bool = True,
                       leader_elect: bool = False, guarded: bool = True) -> Process:
        """`server` sends its requests elsewhere than to the API server: to a proxy of tests/faults.

        Without `leader_elect` it leads from the start; then it must be the only one, and with `guarded` and `wait` this
        returns once it has found the guards to hold, so that grants may start."""
        health = f"127.0.0.1:{free_port()}"
        command = [program("errand-operator"), "--kubeconfig", self.kubeconfig("errand-operator", server),
                   "--health-listen", health, "--log-level", "debug", "--keep-records", "0s"]
        if "--webhook-url" not in arguments:
            if any("service" in w["clientConfig"] for w in self.kube.get(CONFIGURATIONS[0], "errand")["webhooks"]):
                self.point_webhooks(self.webhook_port)
            command += ["--webhook-url", f"https://127.0.0.1:{self.webhook_port}"]
        command += arguments
        command += ["--leader-elect-namespace", SYSTEM] if leader_elect else ["--no-leader-elect"]
        process = self._start("operator", command, health, wait)
        if wait and guarded and not leader_elect:
            eventually(process.guards_hold, 60, what=f"the guards hold (log: {process.log})")
            self.await_guards()
        return process

    def start_webhook(self, *arguments: str, server: str | None = None) -> Process:
        """`server`: as for start_operator. Starts it, points the webhook configurations at it, and returns once the API server obeys them."""
        port = self.webhook_port if is_free(self.webhook_port) else free_port()
        health = f"127.0.0.1:{free_port()}"
        pki = self.cluster.directory / "pki"
        command = [program("errand-webhook"), "--kubeconfig", self.kubeconfig("errand-webhook", server),
                   "--listen", f"127.0.0.1:{port}", "--tls-cert-file", pki / "webhook.crt",
                   "--tls-private-key-file", pki / "webhook.key", "--health-listen", health,
                   "--shutdown-delay", "0s",
                   *arguments]
        self.point_webhooks(port)
        process = self._start("webhook", command, health, wait=True)
        self._webhooks_in_force()
        return process

    def start_cainjector(self, *arguments: str, leader_elect: bool = False) -> Process:
        """Keeps the webhook's certificate, which the rig makes itself where no test is about it. Returns once the
        certificates are as they must be."""
        health = f"127.0.0.1:{free_port()}"
        command = [program("errand-cainjector"), "--kubeconfig", self.kubeconfig("errand-cainjector"), "--health-listen", health,
                   "--log-level", "debug", "--certificates-namespace", SYSTEM, *arguments]
        command += ["--leader-elect-namespace", SYSTEM] if leader_elect else ["--no-leader-elect"]
        return self._start("cainjector", command, health, wait=True)

    def start_scanner(self, every: str = "1s") -> Process:
        """The background scan, as its own account; returns once it has scanned."""
        health = f"127.0.0.1:{free_port()}"
        command = [program("kubectl-errand"), "report", "--all-namespaces", "--every", every, "--kubeconfig",
                   self.kubeconfig("errand-scanner"), "--health-listen", health]
        return self._start("scanner", command, health, wait=True)

    def _start(self, name: str, command: list, health: str, wait: bool) -> Process:
        process = Process(name, command, self.cluster.directory, health)
        self.processes.append(process)
        return process.wait_ready() if wait else process

    def point_webhooks(self, port: int) -> None:
        """Replaces the Service in the webhook configurations by a URL on this host."""
        ca = base64.b64encode(pathlib.Path(self.kube.ca_file).read_bytes()).decode()
        for kind in CONFIGURATIONS:
            for configuration in self.kube.list(kind):
                patch = [{"op": "replace", "path": f"/webhooks/{i}/clientConfig",
                          "value": {"url": f"https://127.0.0.1:{port}{_path(w['clientConfig'])}", "caBundle": ca}}
                         for i, w in enumerate(configuration["webhooks"])]
                self.kube.patch(kind, configuration["metadata"]["name"], None, patch)

    @staticmethod
    @contextlib.contextmanager
    def of_its_own():
        """One in a cluster of its own, with a webhook, for operators that come and go."""
        with Cluster.start() as cluster:
            installation = Installation(cluster).install()
            installation.start_webhook()
            yield installation
            installation.stop()

    @contextlib.contextmanager
    def _webhooks_back(self, namespace: str, kinds: tuple[str, ...] = CONFIGURATIONS):
        """Puts our webhooks of these kinds back afterwards, and returns once the validating ones are asked about the enrolled
        `namespace`."""
        saved = {kind: self.kube.get(kind, "errand")["webhooks"] for kind in kinds}
        try:
            yield
        finally:
            for kind, webhooks in saved.items():
                self.kube.patch(kind, "errand", None, {"webhooks": webhooks})
            self._await_refusal(namespace)

    @contextlib.contextmanager
    def unguarded(self, namespace: str, kinds: tuple[str, ...] = CONFIGURATIONS):
        """Takes our webhooks away, or one half, so that a test can play an API server that asks nobody (it takes a moment
        to obey); afterwards they are back, and the validating ones asked about the enrolled `namespace`."""
        with self._webhooks_back(namespace, kinds):
            for kind in kinds:
                self.kube.patch(kind, "errand", None, {"webhooks": []})
            yield

    @contextlib.contextmanager
    def deaf(self, namespace: str):
        """Points our webhooks to where nothing listens, as while every pod of the webhook is away; afterwards they are
        back, and asked about the enrolled `namespace`."""
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "unanswered"},
               "spec": {"containers": [{"name": "c", "image": "none"}]}}

        def unanswered() -> bool:
            try:
                self.kube.create(pod, namespace, dry_run=True)
            except ApiError as error:
                return "failed calling webhook" in error.message
            return False

        with self._webhooks_back(namespace):
            self.point_webhooks(free_port())
            eventually(unanswered, 20, 0.2, "nobody answers the API server")
            yield

    @contextlib.contextmanager
    def without(self, *policies: str):
        """Takes the bindings of these policies away, and puts them back as they were. An operator that watches starts
        nothing meanwhile, and does not believe what is older than their return."""
        saved = [self.kube.get("ValidatingAdmissionPolicyBinding", name) for name in policies]
        for name in policies:
            self.kube.delete("ValidatingAdmissionPolicyBinding", name)
        try:
            yield
        finally:
            for binding in saved:
                meta = {key: binding["metadata"][key] for key in ("name", "labels") if key in binding["metadata"]}
                self.kube.create({"apiVersion": binding["apiVersion"], "kind": binding["kind"], "metadata": meta,
                                  "spec": binding["spec"]})
            self.await_guards(*policies)

    def await_guards(self, *policies: str) -> None:
        """Until the operator has noticed the bindings of these policies as they are, and believes what is made from now
        on. Returns at once for policies that are no guards."""
        def noticed() -> bool:
            if not any(p.name == "operator" and p.alive for p in self.processes):
                return True  # nobody to notice
            record = self.kube.find("ConfigMap", "errand-guards", SYSTEM)
            if record is None:
                return False
            known = json.dumps(record["data"])
            uids = [self.kube.get("ValidatingAdmissionPolicyBinding", name)["metadata"]["uid"] for name in policies
                    if f"ValidatingAdmissionPolicyBinding.{name}" in record["data"]]
            since = datetime.datetime.fromisoformat(record["data"]["since"]).timestamp()
            return all(uid in known for uid in uids) and since <= time.time()

        eventually(noticed, 60, 0.2, "the operator believes what is made from now on")

    def _webhooks_in_force(self) -> None:
        name = f"webhook-check-{uuid.uuid4().hex[:8]}"  # that of an earlier start may be terminating
        labels = {"errand.dev/enforce": "true"}
        self.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
        self._await_refusal(name)
        self.kube.delete("Namespace", name)

    def _await_refusal(self, namespace: str) -> None:
        # The API server reads configurations from a cache of its own; a pod that the
        # rules refuse shows that it has seen them.
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "refused"},
               "spec": {"automountServiceAccountToken": True, "containers": [{"name": "c", "image": "none"}]}}

        def refused() -> bool:
            try:
                self.kube.create(pod, namespace, dry_run=True)
            except ApiError as error:
                return "denied the request" in error.message
            return False

        eventually(refused, 20, what="the API server asks the webhook")

    def stop(self) -> None:
        """Ends them all. AssertionError where any of them has ever logged a token."""
        for process in reversed(self.processes):
            process.stop()
        for log in sorted({process.log for process in self.processes}):
            assert_no_token(log)


def assert_no_token(log: pathlib.Path) -> None:
    """That no line has a JSON Web Token: two parts in base64url that begin as JSON objects do."""
    with log.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if found := TOKEN.search(line):
                where = line[max(0, found.start() - 300):found.start()].decode(errors="replace")
                raise AssertionError(f"{log}:{number} holds a token after: {where}")


def _start_time(pid: int) -> str:
    """Field 22 of /proc/PID/stat, by which the rig tells a process from a later one with its id."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def _path(client_config: dict) -> str:
    if "service" in client_config:
        return client_config["service"].get("path", "/")
    return urllib.request.Request(client_config["url"]).selector


def status(config, *arguments: str) -> subprocess.CompletedProcess:
    """`kubectl errand status` with the rights of this kubeconfig."""
    return subprocess.run([program("kubectl-errand"), "status", "--kubeconfig", config, *arguments], check=False,
                          capture_output=True, text=True)
