"""A small Kubernetes client on the standard library, for tests and the demo.

`Kube.admin(directory)` speaks to a cluster of the rig as its administrator;
`with_token` and `as_user` give clients with other powers. Each call opens a
connection of its own, so no answer depends on an earlier connection's state.
"""
import dataclasses
import http.client
import json
import pathlib
import re
import ssl
import subprocess
import time
import urllib.parse
from collections.abc import Callable

from support.kinds import collection

MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"


class ApiError(Exception):
    """An answer of 400 or above; `status` is its code, `reason` and `message` are the Status object's."""

    def __init__(self, status: int, body: dict | str, what: str):
        fields = body if isinstance(body, dict) else {"message": body}
        self.status, self.reason, self.message = status, fields.get("reason", ""), fields.get("message", "")
        self.body = body
        super().__init__(f"{what}: {status} {self.reason}: {self.message}")


class Timeout(AssertionError):
    """A condition that did not come true in time; its text ends with the last state seen."""


def eventually(check: Callable[[], object], timeout: float = 15, poll: float = 0.05, what: str = "condition"):
    """Calls `check` each `poll` seconds until it returns something true, and returns that.

    Raises Timeout with the last value, or the last AssertionError or ApiError of `check`.
    """
    deadline = time.monotonic() + timeout
    while True:
        try:
            last = check()
            if last:
                return last
        except (AssertionError, ApiError) as error:
            last = error
        if time.monotonic() > deadline:
            raise Timeout(f"{what}: not within {timeout:g} s; last: {last!r}")
        time.sleep(poll)


@dataclasses.dataclass(frozen=True)
class Kube:
    server: str
    ca_file: str
    cert_file: str | None = None
    key_file: str | None = None
    token: str | None = dataclasses.field(default=None, repr=False)
    headers: dict = dataclasses.field(default_factory=dict)
    kubeconfig: str | None = None
    kubectl_path: str = "kubectl"

    @classmethod
    def admin(cls, directory: str | pathlib.Path, kubectl_path: str = "kubectl") -> "Kube":
        d = pathlib.Path(directory)
        config = d / "admin.kubeconfig"
        server = re.search(r"https://127\.0\.0\.1:\d+", config.read_text())[0]
        pki = d / "pki"
        return cls(server, str(pki / "ca.crt"), str(pki / "admin.crt"), str(pki / "admin.key"),
                   kubeconfig=str(config), kubectl_path=kubectl_path)

    @classmethod
    def with_certificate(cls, directory: str | pathlib.Path, name: str) -> "Kube":
        """As the client certificate `name` of the cluster's pki folder."""
        admin = cls.admin(directory)
        pki = pathlib.Path(directory) / "pki"
        return dataclasses.replace(admin, cert_file=str(pki / f"{name}.crt"), key_file=str(pki / f"{name}.key"), kubeconfig=None)

    def with_token(self, token: str) -> "Kube":
        """The same API server, as whoever the token says."""
        return dataclasses.replace(self, token=token, cert_file=None, key_file=None, kubeconfig=None)

    def as_user(self, user: str, *groups: str) -> "Kube":
        """Impersonates `user`, as a member of `groups` (system:authenticated is added by the API server)."""
        headers = {"Impersonate-User": user}
        if groups:
            headers["Impersonate-Group"] = list(groups)
        return dataclasses.replace(self, headers=headers)

    def at(self, server: str) -> "Kube":
        """The same credentials, spoken to another address (a proxy before the API server)."""
        return dataclasses.replace(self, server=server)

    def raw(self, method: str, path: str, body=None, content_type: str = "application/json",
            timeout: float = 30, **query) -> tuple[int, dict | str]:
        """One request; returns the status code and the body, parsed where it is JSON. Raises OSError only."""
        tls = ssl.create_default_context(cafile=self.ca_file)
        if self.cert_file:
            tls.load_cert_chain(self.cert_file, self.key_file)
        url = urllib.parse.urlsplit(self.server)
        connection = http.client.HTTPSConnection(url.hostname, url.port, context=tls, timeout=timeout)
        query = {k: v for k, v in query.items() if v is not None}
        if query:
            path += "?" + urllib.parse.urlencode(query)
        try:
            connection.putrequest(method, path)
            connection.putheader("Accept", "application/json")
            if self.token:
                connection.putheader("Authorization", "Bearer " + self.token)
            for name, values in self.headers.items():
                for value in [values] if isinstance(values, str) else values:
                    connection.putheader(name, value)
            data = None
            if body is not None:
                data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
                connection.putheader("Content-Type", content_type)
                connection.putheader("Content-Length", str(len(data)))
            connection.endheaders(data)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, text

    def request(self, method: str, path: str, body=None, content_type: str = "application/json", **query) -> dict:
        status, answer = self.raw(method, path, body, content_type, **query)
        if status >= 400:
            raise ApiError(status, answer, f"{method} {path}")
        return answer

    def get(self, kind: str, name: str, namespace: str | None = None, subresource: str | None = None) -> dict:
        return self.request("GET", collection(kind, namespace, name, subresource))

    def find(self, kind: str, name: str, namespace: str | None = None) -> dict | None:
        """As `get`, None where there is no such object."""
        try:
            return self.get(kind, name, namespace)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def list(self, kind: str, namespace: str | None = None, labels: str | None = None,
             fields: str | None = None) -> list[dict]:
        return self.request("GET", collection(kind, namespace), labelSelector=labels, fieldSelector=fields)["items"]

    def create(self, body: dict, namespace: str | None = None, dry_run: bool = False) -> dict:
        ns = namespace or body["metadata"].get("namespace")
        return self.request("POST", collection(body["kind"], ns), body, dryRun="All" if dry_run else None)

    def apply(self, body: dict, namespace: str | None = None, manager: str = "test", force: bool = True) -> dict:
        """Server-side apply."""
        ns = namespace or body["metadata"].get("namespace")
        return self.request("PATCH", collection(body["kind"], ns, body["metadata"]["name"]), body, APPLY,
                            fieldManager=manager, force="true" if force else None)

    def replace(self, body: dict, subresource: str | None = None) -> dict:
        m = body["metadata"]
        return self.request("PUT", collection(body["kind"], m.get("namespace"), m["name"], subresource), body)

    def patch(self, kind: str, name: str, namespace: str | None, patch, subresource: str | None = None) -> dict:
        """A list is sent as a JSON patch, anything else as a merge patch."""
        media = JSON_PATCH if isinstance(patch, list) else MERGE
        return self.request("PATCH", collection(kind, namespace, name, subresource), patch, media)

    def delete(self, kind: str, name: str, namespace: str | None = None, missing_ok: bool = False,
               propagation: str | None = None) -> None:
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation or "Background"}
        try:
            self.request("DELETE", collection(kind, namespace, name), options)
        except ApiError as error:
            if not (missing_ok and error.status == 404):
                raise

    def wait_for(self, kind: str, name: str, namespace: str | None, predicate: Callable[[dict], object],
                 timeout: float = 15, poll: float = 0.05) -> dict:
        """The object once `predicate` holds of it (it need not exist yet); Timeout shows its last status."""
        last = None
        deadline = time.monotonic() + timeout
        while True:
            last = self.find(kind, name, namespace)
            if last is not None and predicate(last):
                return last
            if time.monotonic() > deadline:
                state = "no such object" if last is None else json.dumps(last.get("status", last), indent=1)
                raise Timeout(f"{kind} {namespace}/{name}: not within {timeout:g} s; last state:\n{state}")
            time.sleep(poll)

    def wait_gone(self, kind: str, name: str, namespace: str | None, timeout: float = 15, poll: float = 0.05) -> None:
        eventually(lambda: self.find(kind, name, namespace) is None, timeout, poll, f"{kind} {name} is gone")

    def token_request(self, account: str, namespace: str, audiences: tuple[str, ...] = (), seconds: int = 600,
                      bound: dict | None = None) -> str:
        """A token of a ServiceAccount; `bound` is {kind, name, uid} of a Pod or Secret."""
        spec = {"audiences": list(audiences), "expirationSeconds": seconds}
        if bound:
            spec["boundObjectRef"] = {"apiVersion": "v1", **bound}
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        return self.request("POST", collection("ServiceAccount", namespace, account, "token"), body)["status"]["token"]

    def token_review(self, token: str, audiences: tuple[str, ...] = ()) -> dict:
        """The status of a TokenReview: `authenticated`, `user`, `error`."""
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
                "spec": {"token": token, "audiences": list(audiences)}}
        return self.request("POST", "/apis/authentication.k8s.io/v1/tokenreviews", body)["status"]

    def allowed(self, user: str, verb: str, resource: str, namespace: str, name: str = "", group: str = "",
                groups: tuple[str, ...] = ()) -> bool:
        """SubjectAccessReview. `resource` may be pods/exec."""
        resource, _, subresource = resource.partition("/")
        attributes = {"namespace": namespace, "verb": verb, "group": group, "resource": resource, "subresource": subresource,
                      "name": name}
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
                "spec": {"user": user, "groups": list(groups), "resourceAttributes": attributes}}
        return self.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", body)["status"]["allowed"]

    def kubectl(self, *args: str, stdin: str | None = None, check: bool = True) -> subprocess.CompletedProcess:
        """kubectl as the administrator, output captured as text; raises AssertionError with stderr when it fails."""
        command = [self.kubectl_path, "--kubeconfig", self.kubeconfig, *args]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, f"kubectl {' '.join(args)}: {done.stderr}"
        return done
