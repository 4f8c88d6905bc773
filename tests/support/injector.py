"""A mutating webhook of somebody else's, as service meshes have one: it changes pods before or after ours."""
import base64
import contextlib
import http.server
import json
import pathlib
import ssl
import threading
from collections.abc import Callable

from support.kube import Kube, eventually

Mutate = Callable[[dict], list[dict]]  # a pod to JSON Patch operations


class _Server(http.server.ThreadingHTTPServer):
    def __init__(self, mutate: Mutate, pki: pathlib.Path):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mutate, self.calls = mutate, []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pki / "webhook.crt", pki / "webhook.key")
        self.socket = context.wrap_socket(self.socket, server_side=True)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self):  # noqa: N802
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        pod = review["request"]["object"]
        self.server.calls.append(pod)
        patch = base64.b64encode(json.dumps(self.server.mutate(pod)).encode()).decode()
        answer = {"apiVersion": review["apiVersion"], "kind": review["kind"],
                  "response": {"uid": review["request"]["uid"], "allowed": True, "patchType": "JSONPatch", "patch": patch}}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


@contextlib.contextmanager
def injecting(kube: Kube, pki: pathlib.Path, namespace: str, name: str, mutate: Mutate):
    """While it lasts, `mutate` changes the pods of `namespace`. Webhooks are asked in the order of their names: one
    before "errand" is asked first, one behind it last, and ours then once more. Gives the pods it was asked about."""
    server = _Server(mutate, pki)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    ca = base64.b64encode(pathlib.Path(kube.ca_file).read_bytes()).decode()
    configuration = {
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "metadata": {"name": name},
        "webhooks": [{"name": "pods.injector.example.com", "admissionReviewVersions": ["v1"], "sideEffects": "None",
                      "failurePolicy": "Fail", "reinvocationPolicy": "IfNeeded",
                      "clientConfig": {"url": f"https://127.0.0.1:{server.server_port}/", "caBundle": ca},
                      "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                      "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}]}]}
    kube.create(configuration)
    probe = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "probe"}, "spec": {"containers": [{"name": "c", "image": "c"}]}}

    def asked() -> bool:
        with contextlib.suppress(Exception):
            kube.create(probe, namespace, dry_run=True)
        return bool(server.calls)

    try:
        eventually(asked, 20, 0.2, "the API server asks the injector")
        server.calls.clear()
        yield server.calls
    finally:
        kube.delete("MutatingWebhookConfiguration", name)
        server.shutdown()
        thread.join()
        server.server_close()
