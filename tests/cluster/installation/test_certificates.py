"""The webhook's certificates, made by errand-cainjector: from nothing, through rotations under load, and after damage."""
import base64
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import threading
import time

import pytest
from support.background import Background
from support.cluster import Cluster
from support.front import Answer, Front, post, review
from support.kube import ApiError, eventually
from support.processes import SYSTEM, Installation, free_port, program

WHOLE = os.environ.get("ERRAND_FAULTS") == "whole"
ROTATIONS = 48 if WHOLE else 6


class Mount(Background):
    """What the kubelet does with a mounted Secret: its files follow it, swapped by a symbolic link."""

    def __init__(self, kube, home: pathlib.Path):
        super().__init__(self._follow, 0.2)
        self.kube, self.home, self.number, self.content = kube, home, 0, {}
        home.mkdir()
        for name in ("tls.crt", "tls.key"):
            (home / name).symlink_to(pathlib.Path("..data") / name)

    def _follow(self):
        data = self.kube.get("Secret", "errand-webhook-tls", SYSTEM).get("data", {})
        if data == self.content:
            return
        self.content, self.number = data, self.number + 1
        version = self.home / f"..{self.number}"
        version.mkdir()
        for name, value in data.items():
            (version / name).write_bytes(base64.b64decode(value))
        (self.home / "..next").symlink_to(version.name)
        os.replace(self.home / "..next", self.home / "..data")
        if self.number > 2:
            shutil.rmtree(self.home / f"..{self.number - 2}")


@pytest.fixture(scope="module")
def own():
    """A cluster of this module's own: its webhook configurations are errand-cainjector's."""
    with Cluster.start() as cluster:
        yield Installation(cluster).install()


@pytest.fixture(scope="module")
def mount(own):
    with Mount(own.kube, own.cluster.directory / "tls-files") as mounted:
        yield mounted


def bundles(kube) -> list[str]:
    out = []
    for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"):
        for webhook in kube.get(kind, "errand")["webhooks"]:
            out.append(base64.b64decode(webhook["clientConfig"].get("caBundle", "")).decode())
    return out


def start_cainjector(own, *more, **how):
    return own.start_cainjector("--webhook-name", "127.0.0.1", "--webhook-name", "errand-webhook.errand-system.svc", *more, **how)


def verified(front: Front, bundle: str) -> bytes:
    """The serving certificate, if a client that trusts `bundle` alone takes it for 127.0.0.1."""
    context = ssl.create_default_context(cadata=bundle)
    with context.wrap_socket(front.tcp(), server_hostname="127.0.0.1") as connection:
        connection.sendall(post("/validate", review()))
        assert Answer(connection).status == 200
        return connection.getpeercert(binary_form=True)


@pytest.fixture(scope="module")
def running(own, mount):
    """errand-cainjector with short lives, and a webhook that began before there was a certificate."""
    port = free_port()
    for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"):
        paths = [w["clientConfig"]["service"]["path"] for w in own.kube.get(kind, "errand")["webhooks"]]
        own.kube.patch(kind, "errand", None,
                       [{"op": "replace", "path": f"/webhooks/{i}/clientConfig",
                         "value": {"url": f"https://127.0.0.1:{port}{path}"}} for i, path in enumerate(paths)])
    started = {}
    begin = threading.Thread(target=lambda: started.update(front=Front(
        own, "webhook-kept", mount.home / "tls.crt", mount.home / "tls.key", "0s", "--certificate-reload", "1s",
        listen=f"127.0.0.1:{port}", configuration="errand")))
    begin.start()
    cainjector = start_cainjector(own, "--certificate-duration", "30s", "--authority-duration", "3m",
                                  "--authority-settle-time", "8s")
    begin.join(60)
    yield cainjector, started["front"]


def test_a_webhook_that_waited_is_ready_and_trusted(own, running):
    _, front = running
    assert front.health_of("/readyz") == (200, "ok\n")
    published = bundles(own.kube)
    assert len(set(published)) == 1 and published[0].count("BEGIN CERTIFICATE") >= 1
    verified(front, published[0])
    # And the API server itself: a pod of an enrolled namespace is judged.
    own.enroll("judged")
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "refused"},
           "spec": {"automountServiceAccountToken": True, "containers": [{"name": "c", "image": "none"}]}}

    def refused() -> str:
        try:
            own.kube.create(pod, "judged", dry_run=True)
        except ApiError as error:
            return error.message if "denied the request" in error.message else ""
        return ""

    assert "SC101" in eventually(refused, 10, what="the webhook is asked")


def test_no_request_fails_while_certificates_rotate(own, running):
    _, front = running
    failures, served, asked, stop = [], [], 0, threading.Event()

    def load():
        nonlocal asked
        while not stop.wait(0.02):
            if asked % 10 == 0:
                bundle = bundles(own.kube)[0]
            try:
                der = verified(front, bundle)
                if not served or served[-1] != der:
                    served.append(der)
            except (OSError, AssertionError) as error:
                failures.append(repr(error))
            asked += 1

    loader = threading.Thread(target=load)
    loader.start()
    try:
        eventually(lambda: served, 10, what="the first certificate is served")
        # Each is renewed after 20 s; taking one away brings the next at once.
        for number in range(ROTATIONS):
            before = len(served)
            if number % 2 == 0:
                own.kube.patch("Secret", "errand-webhook-tls", SYSTEM, {"data": {"tls.key": None}})
            eventually(lambda: len(served) > before, 60, what=f"rotation {number} is served")
    finally:
        stop.set()
        loader.join()
    print(json.dumps({"rotations": len(served) - 1, "requests": asked, "failures": len(failures)}))
    assert not failures, failures[:3]
    assert len(served) > ROTATIONS
    assert front.health_of("/readyz") == (200, "ok\n")


def test_the_authority_is_replaced_with_both_published(own, running):
    _, front = running
    first = bundles(own.kube)[0]
    both = eventually(lambda: next((b for b in bundles(own.kube) if b.count("BEGIN CERTIFICATE") == 2), None), 150, 0.5,
                      what="two authorities are published")
    assert first.split("-----END")[0] in both
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        verified(front, both)
        assert front.health_of("/readyz")[0] == 200
        time.sleep(0.2)


def test_a_foreign_bundle_makes_the_webhook_unready_and_is_mended(own, running):
    cainjector, front = running
    assert cainjector.stop() == 0
    foreign = (own.cluster.directory / "pki" / "ca.crt").read_bytes()
    own.kube.patch("ValidatingWebhookConfiguration", "errand", None,
                   [{"op": "add", "path": "/webhooks/0/clientConfig/caBundle",
                     "value": base64.b64encode(foreign).decode()}])
    eventually(lambda: front.health_of("/readyz")[0] == 503, 15, what="readyz fails")
    assert "[-]certificate failed" in front.health_of("/readyz?verbose")[1]
    start_cainjector(own, leader_elect=True)
    eventually(lambda: front.health_of("/readyz")[0] == 200, 30, what="readyz is well again")
    assert len(set(bundles(own.kube))) == 1


def test_an_exec_probe_asks_it_over_loopback(own, running):
    """A kubelet reaches no loopback of a pod, so the probe of its Deployment runs the binary itself."""
    last = [p for p in own.processes if p.name == "cainjector"][-1]

    def check(address: str, endpoint: str) -> int:
        return subprocess.run([program("errand-cainjector"), "--health-listen", address, "--check", endpoint], check=False).returncode

    assert (check(last.health, "healthz"), check(last.health, "readyz")) == (0, 0)
    assert check(f"127.0.0.1:{free_port()}", "healthz") == 1
    assert check("0.0.0.0:8081", "healthz") not in (0, 1), "it listens on loopback alone"


def test_it_stops_in_time_and_hands_over_its_lease(own, running):
    last = [p for p in own.processes if p.name == "cainjector"][-1]
    assert own.kube.get("Lease", "errand-cainjector", SYSTEM)["spec"]["holderIdentity"]
    assert last.stop() == 0
    assert not own.kube.get("Lease", "errand-cainjector", SYSTEM)["spec"].get("holderIdentity")


def test_no_key_is_logged_and_the_authoritys_key_is_not_mounted(own, running, mount):
    for log in (own.cluster.directory / "logs").glob("*.log"):
        assert "PRIVATE KEY" not in log.read_text(errors="replace")
    authority = base64.b64decode(own.kube.get("Secret", "errand-webhook-ca", SYSTEM)["data"]["tls.key"])
    assert authority not in (mount.home / "tls.key").read_bytes()
