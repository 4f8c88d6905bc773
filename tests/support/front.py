"""The webhook's HTTPS server, asked without the API server between."""
import json
import os
import pathlib
import socket
import ssl
import urllib.error
import urllib.request

from support.processes import Process, free_port, program

MIB = 1024 * 1024
HEAD = b"POST /validate HTTP/1.1\r\nHost: errand\r\nContent-Type: application/json\r\n"


class Front:
    """A running errand-webhook and ways to speak to it."""

    def __init__(self, installation, name: str, certificate: pathlib.Path, key: pathlib.Path, shutdown_delay: str = "0s",
                 *arguments: str, listen: str = "127.0.0.1:0", configuration: str = ""):
        self.health = f"127.0.0.1:{free_port()}"
        command = [program("errand-webhook"), "--kubeconfig", installation.kubeconfig("errand-webhook"),
                   "--listen", listen, "--tls-cert-file", certificate, "--tls-private-key-file", key,
                   "--health-listen", self.health, "--shutdown-delay", shutdown_delay,
                   "--webhook-configuration", configuration, *arguments]
        self.process = Process(name, command, installation.cluster.directory, self.health).wait_ready()
        installation.processes.append(self.process)
        serving = next(line for line in self.log() if line["msg"] == "serving" and line["server"] == "admission")
        host, _, port = serving["address"].rpartition(":")
        self.address = (host, int(port))

    def log(self) -> list[dict]:
        return [json.loads(line) for line in self.process.log.read_text().splitlines()]

    def tcp(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=20)

    def connect(self) -> ssl.SSLSocket:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(self.tcp(), server_hostname="errand")

    def ask(self, request: bytes) -> "Answer":
        with self.connect() as connection:
            connection.sendall(request)
            return Answer(connection)

    def assert_serves(self) -> None:
        answer = self.ask(post("/validate", review()))
        assert answer.status == 200 and json.loads(answer.body)["response"]["allowed"] is True

    def health_of(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://{self.health}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def connections(self) -> int:
        """Descriptors of accepted connections, in whatever state."""
        listening = f":{self.address[1]:04X}"
        rows = [line.split() for line in pathlib.Path(f"/proc/{self.process.pid}/net/tcp").read_text().splitlines()]
        accepted = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(listening) and row[3] != "0A"}
        return sum(descriptor in accepted for descriptor in self.descriptors())

    def descriptors(self) -> list[str]:
        links = []
        for link in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                links.append(os.readlink(link))
            except FileNotFoundError:
                continue
        return links

    def resident_mib(self) -> float:
        pages = int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / MIB


class Answer:
    """One HTTP answer, read to the end of its body."""

    def __init__(self, connection: socket.socket):
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more(connection)
        head, _, body = received.partition(b"\r\n\r\n")
        first, *fields = head.decode().split("\r\n")
        self.status = int(first.split()[1])
        self.headers = {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}
        while len(body) < int(self.headers["content-length"]):
            body += self._more(connection)
        self.body = body.decode()

    @staticmethod
    def _more(connection: socket.socket) -> bytes:
        part = connection.recv(65536)
        assert part, "closed before the answer was complete"
        return part


def post(path: str, body: bytes, more: bytes = b"") -> bytes:
    return (b"POST " + path.encode() + b" HTTP/1.1\r\nHost: errand\r\nContent-Type: application/json\r\n" + more
            + b"Content-Length: %d\r\n\r\n" % len(body) + body)


def review(grant: str | None = None) -> bytes:
    """Of a pod without findings, or of one that names a grant."""
    labels = {"errand.dev/task-grant": grant} if grant else {}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "agents", "labels": labels},
           "spec": {"serviceAccountName": "default", "automountServiceAccountToken": False,
                    "containers": [{"name": "c", "image": "none"}]}}
    return json.dumps({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {"uid": "r-1", "operation": "CREATE", "namespace": "agents", "object": pod,
                    "kind": {"group": "", "version": "v1", "kind": "Pod"},
                    "resource": {"group": "", "version": "v1", "resource": "pods"},
                    "userInfo": {"username": "alice", "groups": ["system:authenticated"]}}}).encode()
