"""The operator and the webhook as processes beside a test cluster.

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
import urllib.error
import urllib.request

from cluster import Cluster
from enrolment import enroll
from kube import ApiError, eventually

ROOT = pathlib.Path(__file__).resolve().parents[2]
SYSTEM = "errand-system"
# Tests play the foreign hand themselves, and ask for tokens of grants: test_policies puts these back.
FOREIGN = ("errand-foreign-hand", "errand-foreign-status", "errand-tokens")
CONFIGURATIONS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
TOKEN = re.compile(rb"eyJ[-_A-Za-z0-9]{4,}\.eyJ")
TOKEN_LIFE = 6 * 3600  # longer than any test run; in a pod the kubelet renews it


def program(name: str) -> pathlib.Path:
    """`errand-operator` or `errand-webhook`, below ERRAND_BIN (default build/dev)."""
    base = pathlib.Path(os.environ.get("ERRAND_BIN", ROOT / "build" / "dev"))
    tried = [base / name, base / name.removeprefix("errand-") / name, base / "cli" / name, base / "bin" / name]
    for path in tried:
        if path.is_file():
            return path
    raise FileNotFoundError(f"no {name} at {', '.join(map(str, tried))}: run `make programs` or set ERRAND_BIN")


def make_seal() -> dict[str, str]:
    """What the Secret errand-seal holds once the operator has filled it."""
    private = subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519"], check=True, capture_output=True, text=True).stdout
    public = subprocess.run(["openssl", "pkey", "-pubout"], input=private, check=True, capture_output=True, text=True).stdout
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"signing.pem": private, "accepted.pem": public, "since": now}


def free_port() -> int:
    """Below the kernel's range for outgoing connections, so that none of those takes it meanwhile."""
    while True:
        port = random.randrange(14000, 20000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


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

    def metric(self, series: str) -> float:
        """The value at /metrics of a series, such as `up{name="x"}`. KeyError where it is not counted yet."""
        with urllib.request.urlopen(f"http://{self.health}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        values = dict(line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
        return float(values[series])

    def leads(self) -> bool:
        """Of operators with leader election: whether this one acts."""
        return self.metric('leader_election_master_status{name="errand-operator"}') == 1

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

    def install(self) -> "Installation":
        """CRDs, both ServiceAccounts with their RBAC, webhook configurations; returns once the CRDs are served."""
        rendered = self.kube.kubectl("kustomize", str(ROOT / "manifests" / "local")).stdout
        self.kube.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=rendered)
        self.kube.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
        for policy in FOREIGN:
            self.kube.delete("ValidatingAdmissionPolicyBinding", policy)
        self.fill_seal(make_seal())
        return self

    @property
    def seal(self) -> pathlib.Path:
        """Where the webhook finds the Secret errand-seal, as the kubelet would mount it."""
        return self.cluster.directory / "seal"

    def fill_seal(self, data: dict[str, str]) -> None:
        """Puts keys into the Secret, which else the operator does, so that it does not matter who starts first."""
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
        self.kube.patch("Secret", "errand-seal", SYSTEM, {"data": encoded})
        self.mount_seal()

    def mount_seal(self) -> None:
        """What the kubelet does for the webhook's pods when the Secret has changed."""
        self.seal.mkdir(exist_ok=True)
        data = self.kube.get("Secret", "errand-seal", SYSTEM).get("data", {})
        for key in ("signing.pem", "accepted.pem"):
            fresh = self.seal / f".{key}"
            fresh.touch(mode=0o600)
            fresh.write_bytes(base64.b64decode(data.get(key, "")))
            fresh.rename(self.seal / key)

    def enroll(self, namespace: str, roles: tuple[str, ...] = (), cluster_roles: tuple[str, ...] = ()) -> None:
        """Makes `namespace` one of the product's; the operator may bind the named roles there, and no others."""
        enroll(self.kube, namespace, roles, cluster_roles)

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
                       leader_elect: bool = False) -> Process:
        """`server` sends its requests elsewhere than to the API server: to a proxy of tests/faults.

        Without `leader_elect` it leads from the start; then it must be the only one."""
        health = f"127.0.0.1:{free_port()}"
        command = [program("errand-operator"), "--kubeconfig", self.kubeconfig("errand-operator", server),
                   "--health-listen", health, "--log-level", "debug"]
        # The rig has a certificate for the webhook, unless a test is about the operator's own.
        command += [] if "--manage-certificates" in arguments else ["--no-manage-certificates"]
        command += arguments
        command += ["--leader-elect-namespace", SYSTEM] if leader_elect else ["--no-leader-elect"]
        return self._start("operator", command, health, wait)

    def start_webhook(self, *arguments: str) -> Process:
        """Starts it, points the webhook configurations at it, and returns once the API server obeys them."""
        port = free_port()
        health = f"127.0.0.1:{free_port()}"
        pki = self.cluster.directory / "pki"
        command = [program("errand-webhook"), "--kubeconfig", self.kubeconfig("errand-webhook"),
                   "--listen", f"127.0.0.1:{port}", "--tls-cert-file", pki / "webhook.crt",
                   "--tls-private-key-file", pki / "webhook.key", "--seal-dir", self.seal, "--health-listen", health,
                   "--shutdown-delay", "0s",
                   *arguments]
        self.point_webhooks(port)
        process = self._start("webhook", command, health, wait=True)
        self._webhooks_in_force()
        return process

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

    @contextlib.contextmanager
    def unguarded(self, namespace: str, kinds: tuple[str, ...] = CONFIGURATIONS):
        """Takes our webhooks away, or one half, so that a test can play an API server that asks nobody (it takes a moment
        to obey); afterwards they are back, and the validating ones asked about the enrolled `namespace`."""
        saved = {kind: self.kube.get(kind, "errand")["webhooks"] for kind in kinds}
        for kind in kinds:
            self.kube.patch(kind, "errand", None, {"webhooks": []})
        try:
            yield
        finally:
            for kind, webhooks in saved.items():
                self.kube.patch(kind, "errand", None, {"webhooks": webhooks})
            self._await_refusal(namespace)

    def _webhooks_in_force(self) -> None:
        name = "errand-webhook-check"
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
