"""What anybody who reaches our ports can make our processes do: little, and nothing to others. The real programs, asked
without the API server between by a pod's means: many addresses, many connections, and reviews that no API server sends."""
import concurrent.futures
import contextlib
import http.client
import json
import multiprocessing
import os
import pathlib
import resource
import socket
import ssl
import time
from collections.abc import Sequence

import pytest
from support.front import HEAD, MIB, Answer, Front, post, review
from support.kube import eventually
from support.nearmisses import near_misses

pytestmark = pytest.mark.alone
# More than there are places. Each costs this client a handshake.
CROWD = 2000 if os.environ.get("ERRAND_FAULTS") == "whole" else 1200
SMALL = 0.05  # seconds that a client and a probe may wait beside a crowd


class Meter:
    """CPU seconds and memory of a process, all its threads together."""

    def __init__(self, pid: int):
        self.proc = pathlib.Path(f"/proc/{pid}")

    def cpu(self) -> float:
        return sum(int(self._read(task / "schedstat").split()[0]) for task in (self.proc / "task").iterdir()) / 1e9

    def forget_peak(self) -> float:
        """MiB now, from which peak() counts."""
        (self.proc / "clear_refs").write_text("5")
        return self.peak()

    def peak(self) -> float:
        line = next(line for line in self._read(self.proc / "status").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    @staticmethod
    def _read(path: pathlib.Path) -> str:
        return path.read_text()


@pytest.fixture(scope="module", autouse=True)
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(name="front", scope="module")
def fixture_front(installation):
    pki = installation.cluster.directory / "pki"
    started = Front(installation, "webhook-ports", pki / "webhook.crt", pki / "webhook.key")
    started.assert_serves()
    yield started
    assert started.process.stop() == 0


@pytest.fixture(name="meter")
def fixture_meter(front):
    return Meter(front.process.pid)


def identity_review(groups: list[str], classes: list[dict]) -> bytes:
    identity = {"apiVersion": "errand.dev/v1alpha1", "kind": "AgentIdentity", "metadata": {"name": "bot", "namespace": "agents"},
                "spec": {"owner": "x", "toolClasses": classes}}
    return json.dumps({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {"uid": "r-1", "operation": "CREATE", "namespace": "agents", "object": identity,
                    "kind": {"group": "errand.dev", "version": "v1alpha1", "kind": "AgentIdentity"},
                    "resource": {"group": "errand.dev", "version": "v1alpha1", "resource": "agentidentities"},
                    "userInfo": {"username": "mallory", "groups": groups}}}, separators=(",", ":")).encode()


def tool_class(name: str, roles: int) -> dict:
    return {"name": name, "risk": "Low", "maxDuration": "1h",
            "access": {"roles": [{"name": f"{name}-{number}"} for number in range(roles)]}}


MANY = [tool_class(f"c{number}", 16) for number in range(16)]


@pytest.mark.parametrize("groups, classes", [
    pytest.param(["g" * 1_000_000], MANY, id="one-huge-group"),
    pytest.param([f"group-{number}" for number in range(70_000)], MANY, id="many-groups"),
    pytest.param(["g" * 60_000], MANY, id="as-large-as-a-user-may-be"),
    pytest.param(["dev"], [tool_class("c", 40_000)], id="many-roles"),
    pytest.param(["dev"], [tool_class(f"c{number}", 1) for number in range(14_000)], id="many-classes"),
])
def test_an_identity_review_costs_little(front, meter, groups, classes):
    """Each question to the API server once had a copy of all that is said of the user, and every look for its answer
    read the review anew."""
    body = post("/validate", identity_review(groups, classes))
    before, cpu = meter.forget_peak(), meter.cpu()
    answer = front.ask(body)
    cpu = meter.cpu() - cpu
    figures = {"MiB": round(meter.peak() - before, 1), "CPU ms": round(cpu * 1e3, 1), "bytes": len(body), "answer": answer.body[:300]}
    print(json.dumps(figures))
    assert answer.status == 400 or json.loads(answer.body)["response"]["allowed"] is False, figures
    assert meter.peak() - before < 64, figures
    assert cpu < 0.05, figures


LARGE = 6_800_000


def filled(unit: bytes) -> bytes:
    """A review of LARGE bytes whose object has this again and again."""
    head, tail = review().replace(b'"none"', b'"none", "args": [\x00]').split(b"\x00")
    return head + unit * ((LARGE - len(head) - len(tail)) // len(unit)) + b"0" + tail


@pytest.mark.parametrize("unit", [b"0,", b'"",', b"{},", b"[],"], ids=["numbers", "strings", "objects", "lists"])
def test_eight_large_bodies_leave_room_and_the_ninth_client_is_served(front, meter, unit):
    """The Deployment's container has 256 MiB. What is made of a body while it is read is fourteen times its size."""
    body = post("/validate", filled(unit))
    before = meter.forget_peak()
    with concurrent.futures.ThreadPoolExecutor(9) as pool:
        large = [pool.submit(front.ask, body) for _ in range(8)]
        time.sleep(0.2)
        begun = time.monotonic()
        front.assert_serves()
        ninth = time.monotonic() - begun
        statuses = [answer.result().status for answer in large]
    figures = {"MiB before": round(before, 1), "MiB at most": round(meter.peak(), 1), "ninth client s": round(ninth, 3), "statuses": statuses}
    print(json.dumps(figures))
    assert meter.peak() < 192, figures
    # 503 is for who has waited for four seconds, as on a busy machine.
    assert 200 in statuses and set(statuses) <= {200, 503}, figures
    assert ninth < 5, figures


def config_map(namespace: str, text: str) -> dict:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "near", "namespace": namespace}, "data": {"text": text}}


def config_map_review(namespace: str, text: str) -> bytes:
    """As an API server writes it: what the request is about stands before what its author wrote."""
    return json.dumps({
        "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
        "request": {"uid": "r-1", "kind": {"group": "", "version": "v1", "kind": "ConfigMap"},
                    "resource": {"group": "", "version": "v1", "resource": "configmaps"}, "name": "near",
                    "namespace": namespace, "operation": "CREATE", "userInfo": {"username": "edit", "groups": ["system:authenticated"]},
                    "object": config_map(namespace, text)}}, separators=(",", ":")).encode()


def write_again_and_again(address, bodies: list[bytes], source: str, connections: int, stop) -> None:
    """One shell of those that write; a process, so that it does not hold up the one that measures."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with contextlib.suppress(OSError, AssertionError), contextlib.ExitStack() as stack:
        crowd = []
        for _ in range(connections):
            raw = socket.create_connection(tuple(address), timeout=30, source_address=(source, 0))
            crowd.append(stack.enter_context(context.wrap_socket(raw, server_hostname="errand")))
        number = 0
        while not stop.is_set():
            for connection in crowd:
                connection.sendall(bodies[number % len(bodies)])
                number += 1
            for connection in crowd:
                Answer(connection)


@contextlib.contextmanager
def writers(front: Front, bodies_of_each: list[list[bytes]], sources: Sequence[str] = ("127.0.0.1",), connections: int = 1):
    """Each with so many connections; the sources by turns."""
    context = multiprocessing.get_context("fork")
    stop = context.Event()
    processes = [context.Process(target=write_again_and_again, daemon=True,
                                 args=(front.address, bodies, sources[number % len(sources)], connections, stop))
                 for number, bodies in enumerate(bodies_of_each)]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        stop.set()
        for process in processes:
            process.join(30)


def times(front: Front, seconds: float, body: bytes) -> list[float]:
    """How long each of another's reviews took, one after another on one connection."""
    out, end = [], time.monotonic() + seconds
    with front.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else the end of a body waits 40 ms for an ACK
        while time.monotonic() < end:
            begun = time.monotonic()
            connection.sendall(body)
            assert Answer(connection).status == 200
            out.append(time.monotonic() - begun)
            time.sleep(0.01)
    return out


def p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def test_a_text_made_to_nearly_match_costs_a_tenth_of_a_second_a_megabyte_at_most(front, meter):
    body = post("/validate", config_map_review("evil", near_misses(1_000_000, 1)))
    front.ask(body)

    def spent() -> float:
        before = meter.cpu()
        assert front.ask(body).status == 200
        return meter.cpu() - before

    cpu = quick(spent, 5)
    print(json.dumps({"CPU ms": round(cpu * 1e3)}))
    assert cpu < 0.1, "50 ms in the build that is shipped (docs/performance.md)"


@pytest.mark.parametrize("size", [1_000_000, 20_000], ids=["large", "small"])
def test_four_writers_of_near_misses_do_not_delay_others(front, size):
    """From the address that all come from: the API server's. Each is in a namespace of its own, and so is who waits."""
    bodies = [[post("/validate", config_map_review(f"evil-{writer}", near_misses(size, 10 * writer + number))) for number in range(2)]
              for writer in range(4)]
    others = post("/validate", review())
    times(front, 1, others)
    quiet = p99(times(front, 3, others))
    with writers(front, bodies):
        time.sleep(0.5)
        beside = times(front, 5, others)
    figures = {"quiet p99 ms": round(quiet * 1e3, 1), "p99 ms": round(p99(beside) * 1e3, 1), "most ms": round(max(beside) * 1e3, 1), "reviews": len(beside)}
    print(json.dumps(figures))
    assert p99(beside) - quiet < 0.1, figures


def test_a_large_review_of_another_namespace_does_not_wait_for_theirs(front):
    bodies = [[post("/validate", config_map_review("evil", near_misses(1_000_000, writer)))] for writer in range(4)]
    other = post("/validate", config_map_review("good", "a: b\n" * 20_000))
    quiet = p99(times(front, 2, other))
    with writers(front, bodies):
        time.sleep(0.5)
        beside = times(front, 5, other)
    figures = {"quiet p99 ms": round(quiet * 1e3, 1), "p99 ms": round(p99(beside) * 1e3, 1), "reviews": len(beside)}
    print(json.dumps(figures))
    assert p99(beside) - quiet < 0.1, figures


@pytest.mark.parametrize("size", [30_000, 60_000], ids=["small", "large"])
def test_writers_at_other_addresses_do_not_delay_the_reviews_of_the_namespace_that_they_name(front, size):
    """Four pods, past the API server: of whom a review is said to be is for them to say. They name the namespace of who
    waits, and 200 more, each of which has used next to nothing. Were the parties of all sources one, or looked at before
    the sources, they would be first: on the I/O threads with small bodies, at the bench with large ones."""
    texts = [near_misses(size, number) for number in range(4)]
    namespaces = ["good", *(f"evil-{number}" for number in range(200))]
    bodies = [[post("/validate", config_map_review(namespace, text)) for namespace in namespaces] for text in texts]
    other = post("/validate", config_map_review("good", "a: b, " * (size // 6)))
    quiet = p99(times(front, 2, other))
    with writers(front, bodies, [f"127.0.3.{number}" for number in range(1, 5)], connections=24):
        time.sleep(1)
        beside = times(front, 5, other)
    figures = {"quiet p99 ms": round(quiet * 1e3, 1), "p99 ms": round(p99(beside) * 1e3, 1), "reviews": len(beside)}
    print(json.dumps(figures))
    assert p99(beside) - quiet < 0.1, figures


def test_no_pod_of_another_namespace_times_out_beside_four_writers(installation, webhook, kube, namespace):
    """By the real API server: who writes is a developer with `edit` in a namespace of their own."""
    from support.users import person, rule
    installation.enroll("near-misses")
    edit = person(kube, "near-misses", "edit", rule("", "configmaps", "create"))
    text = near_misses(900_000, 7)
    done = []

    def write(number: int) -> None:
        body = config_map("near-misses", text)
        body["metadata"]["name"] = f"near-{number}"
        while not done:
            edit.create(body, dry_run=True)

    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": namespace},
           "spec": {"automountServiceAccountToken": False, "containers": [{"name": "c", "image": "none"}]}}
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        shells = [pool.submit(write, number) for number in range(4)]
        try:
            taken = []
            for _ in range(20):
                begun = time.monotonic()
                kube.create(pod, dry_run=True)
                taken.append(time.monotonic() - begun)
                time.sleep(0.1)
        finally:
            done.append(True)
        for shell in shells:
            shell.result()
    print(json.dumps({"most s": round(max(taken), 3)}))
    assert max(taken) < 2, "five seconds is when the API server gives the webhook up"


def probe(address: str) -> tuple[int, float, str]:
    """As the kubelet does: status, seconds and the header Connection."""
    begun = time.monotonic()
    connection = http.client.HTTPConnection(address, timeout=1)
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, time.monotonic() - begun, answer.headers.get("Connection", "")


def quick(measure, tries: int = 10) -> float:
    """The median of some tries: what the machine does beside is not what is measured."""
    return sorted(measure() for _ in range(tries))[tries // 2]


@pytest.mark.parametrize("which", ["webhook", "operator"])
def test_idle_connections_do_not_shut_the_kubelets_probes_out(request, which):
    process = request.getfixturevalue(which)
    host, _, port = process.health.rpartition(":")
    crowd = []
    try:
        for number in range(300):
            connection = socket.create_connection((host, int(port)), timeout=5, source_address=(f"127.0.2.{number % 4 + 1}", 0))
            if number % 2:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: ")
            crowd.append(connection)
        assert all(probe(process.health)[0] == 200 for _ in range(20))
        assert quick(lambda: probe(process.health)[1]) < SMALL
    finally:
        for connection in crowd:
            connection.close()
    assert probe(process.health)[2] == "close", "a probe leaves no connection behind"


def earned(front: Front, source: str) -> ssl.SSLSocket:
    """A connection that was answered 200, and stays."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    raw = socket.create_connection(front.address, timeout=20, source_address=(source, 0))
    connection = context.wrap_socket(raw, server_hostname="errand")
    connection.sendall(post("/validate", review()))
    assert Answer(connection).status == 200
    return connection


def test_a_crowd_of_idle_connections_that_were_answered_shuts_nobody_out(front):
    """Of 16 pods, each of which has sent a good request on every connection. The API server has some of its own."""
    def new_client() -> float:
        begun = time.monotonic()
        front.assert_serves()
        return time.monotonic() - begun

    quiet = quick(new_client)
    own = [earned(front, "127.0.0.1") for _ in range(5)]
    crowd = []
    try:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            crowd = list(pool.map(lambda number: earned(front, f"127.0.3.{number % 16 + 1}"), range(CROWD)))
        assert front.connections() <= 1024 + 64
        figures = {"connections": CROWD, "quiet ms": round(quiet * 1e3, 1), "new client ms": round(quick(new_client) * 1e3, 1), "probe ms": round(quick(lambda: probe(front.health)[1]) * 1e3, 1)}
        print(json.dumps(figures))
        assert figures["new client ms"] - figures["quiet ms"] < SMALL * 1e3, figures
        assert figures["probe ms"] < SMALL * 1e3, figures
        for connection in own:
            connection.sendall(post("/validate", review()))
            assert Answer(connection).status == 200, "who has few loses none"
    finally:
        for connection in [*own, *crowd]:
            connection.close()
    eventually(lambda: front.connections() == 0, 10, what="the crowd is gone")


def test_bodies_that_are_never_finished_keep_nobody_from_sending_one(front):
    """Two pods hold all the bytes that bodies may have together."""
    start = HEAD + b"Content-Length: %d\r\n\r\n" % (7 * MIB) + b" " * (6 * MIB)
    crowd = []
    for number in range(12):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        raw = socket.create_connection(front.address, timeout=20, source_address=(f"127.0.4.{number % 2 + 1}", 0))
        crowd.append(context.wrap_socket(raw, server_hostname="errand"))
        with contextlib.suppress(OSError):
            crowd[-1].sendall(start)
    for _ in range(5):
        front.assert_serves()
    body = review()
    assert front.ask(post("/validate", body + b" " * (2 * MIB - len(body)))).status == 200
    for connection in crowd:
        connection.close()


def test_memory_comes_back_after_a_burst(installation):
    pki = installation.cluster.directory / "pki"
    front = Front(installation, "webhook-burst", pki / "webhook.crt", pki / "webhook.key")
    for _ in range(10):
        front.assert_serves()
    before = front.resident_mib()
    bodies = [post("/validate", filled(unit)) for unit in (b"0,", b'"",', b"{},")]
    bodies += [post("/validate", config_map_review(f"evil-{number}", near_misses(300_000, number))) for number in range(3)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        crowd = list(pool.map(lambda number: earned(front, f"127.0.3.{number % 8 + 1}"), range(300)))
        list(pool.map(front.ask, bodies * 2))
    most = front.resident_mib()
    for connection in crowd:
        connection.close()
    try:
        eventually(lambda: front.resident_mib() <= before + 8, 60, poll=0.5, what="memory is given back")
    finally:
        print(json.dumps({"MiB before": round(before, 1), "burst": round(most, 1), "after": round(front.resident_mib(), 1)}))
    assert front.process.stop() == 0


def test_who_is_served_without_a_certificate_is_told_of_it(front):
    assert any("anybody who reaches this port is served" in line["msg"] for line in front.log())
    assert front.process.metric("errand_webhook_client_certificates_required") == 0
