"""The webhook's HTTPS server under hostile input: the real program, asked without the API server between."""
import concurrent.futures
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import ssl
import time

import pytest
from support.front import HEAD, MIB, Answer, Front, post, review
from support.kube import eventually

pytestmark = pytest.mark.alone


def time_to_close(connection: socket.socket) -> float:
    """Seconds until the server closes; what it sends before does not count as an answer to a request."""
    begun = time.monotonic()
    try:
        while part := connection.recv(65536):
            assert not part.startswith(b"HTTP/"), part
    except (ConnectionResetError, ssl.SSLError):
        pass
    return time.monotonic() - begun


@pytest.fixture(scope="module")
def front(installation):
    pki = installation.cluster.directory / "pki"
    started = Front(installation, "webhook-front", pki / "webhook.crt", pki / "webhook.key")
    yield started
    assert started.process.stop() == 0


@pytest.fixture(autouse=True)
def next_request_is_served(request):
    """Whatever a test sends, the process lives and serves the next request."""
    yield
    if "front" in request.fixturenames:
        front = request.getfixturevalue("front")
        assert front.process.alive, front.process.tail()
        front.assert_serves()


@pytest.mark.parametrize("status, request_bytes", [
    pytest.param(400, b"\x00\x01\x02\x03\r\n\r\n", id="garbage"),
    pytest.param(400, b"POST /validate HTTP/7.7\r\n\r\n", id="version"),
    pytest.param(400, HEAD + b"Content-Length: -1\r\n\r\n", id="negative-length"),
    pytest.param(400, HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", id="two-lengths"),
    pytest.param(400, HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", id="length-and-chunked"),
    pytest.param(400, HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n", id="negative-chunk"),
    pytest.param(400, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n", id="overlong-chunk"),
    pytest.param(431, HEAD + b"X: " + b"x" * 20_000 + b"\r\n\r\n", id="header-over-16-KiB"),
    pytest.param(413, HEAD + b"Content-Length: %d\r\n\r\n" % (7 * MIB + 1), id="body-over-7-MiB-announced"),
    pytest.param(415, b"POST /validate HTTP/1.1\r\nHost: e\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
                 id="plain-text"),
    pytest.param(415, b"POST /validate HTTP/1.1\r\nHost: e\r\nContent-Length: 2\r\n\r\n{}", id="no-type"),
    pytest.param(405, b"GET /validate HTTP/1.1\r\nHost: e\r\n\r\n", id="get"),
    pytest.param(404, b"GET /metrics HTTP/1.1\r\nHost: e\r\n\r\n", id="path"),
    pytest.param(404, b"GET /healthz HTTP/1.1\r\nHost: e\r\n\r\n", id="health-on-the-hot-port"),
    pytest.param(400, post("/validate", b""), id="empty"),
    pytest.param(400, post("/validate", b"{'not': json}"), id="not-json"),
    pytest.param(400, post("/mutate", b"[" * 100_000), id="deep"),
    pytest.param(400, post("/mutate", b'{"a":"\xff\xfe"}'), id="not-utf-8"),
    pytest.param(400, post("/mutate", b'{"apiVersion":"v1","kind":"Pod"}'), id="not-a-review"),
    pytest.param(400, post("/mutate", b'{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview"}'),
                 id="other-version"),
])
def test_bad_request_is_answered(front, status, request_bytes):
    answer = front.ask(request_bytes)
    assert answer.status == status
    assert answer.body.strip(), "the answer says what was wrong"


@pytest.mark.parametrize("why, body", [
    pytest.param("nested deeper than 100", b'{"a":' * 101 + b"1" + b"}" * 101, id="deep"),
    pytest.param('the key "uid" twice', review().replace(b'"uid"', b'"uid": "r-0", "uid"', 1), id="key-twice"),
    pytest.param('the key "uid" twice', review().replace(b'"uid"', b'"\\u0075id": "r-0", "uid"', 1), id="key-twice-escaped"),
    pytest.param("not valid UTF-8", review().replace(b'"none"', b'"\xc0\xaf"', 1), id="overlong-utf-8"),
    pytest.param('request.UID is no field: keys are told apart by case, write "uid"',
                 review().replace(b'"uid"', b'"UID"', 1), id="other-case"),
])
def test_json_that_could_be_read_in_two_ways_is_400_with_the_reason(front, why, body):
    answer = front.ask(post("/validate", body))
    assert answer.status == 400
    assert why in answer.body


def test_a_body_of_unknown_length_over_1_mib_is_411_and_not_kept(front):
    before = front.resident_mib()
    chunk = b"%x\r\n" % MIB + b" " * MIB + b"\r\n"
    with front.connect() as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(2):
            connection.sendall(chunk)
        assert Answer(connection).status == 411
    assert front.resident_mib() - before < 8


def test_largest_body_is_read(front):
    body = review()
    assert front.ask(post("/validate", body + b" " * (7 * MIB - len(body)))).status == 200


def test_a_crowd_of_large_bodies_is_turned_away(front):
    before = front.resident_mib()
    begun = HEAD + b"Content-Length: %d\r\n\r\n" % (7 * MIB) + b" " * (6 * MIB)

    def send(connection: ssl.SSLSocket) -> int | None:
        """The status that the server answers with before the body is whole; None where it waits for the rest."""
        connection.settimeout(2)
        try:
            connection.sendall(begun)
            return Answer(connection).status
        except (TimeoutError, ssl.SSLError, ConnectionError):
            return None

    crowd = [front.connect() for _ in range(60)]  # 360 MiB, were they all taken
    with concurrent.futures.ThreadPoolExecutor(60) as pool:
        statuses = list(pool.map(send, crowd))
    grown = front.resident_mib() - before
    for connection in crowd:
        connection.close()
    assert 503 in statuses and set(statuses) <= {503, None}
    assert grown < 160, "64 MiB of bodies, in strings that grow by doubling, well within the Deployment's 256Mi"
    eventually(lambda: front.connections() == 0, 10, what="every connection is given up")


def test_slow_and_silent_clients_are_closed(front):
    """Each phase has its time, and a client that sends a byte now and then does not prolong it."""

    def silent_tcp() -> float:
        with front.tcp() as connection:
            return time_to_close(connection)

    def silent_tls() -> float:
        with front.connect() as connection:
            return time_to_close(connection)

    def dripping(start: bytes) -> float:
        with front.connect() as connection:
            connection.sendall(start)
            connection.settimeout(0.3)
            begun = time.monotonic()
            while time.monotonic() - begun < 20:
                try:
                    if not connection.recv(1):
                        break
                except TimeoutError:
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        break
                except OSError:
                    break
            return time.monotonic() - begun

    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        handshakes = [pool.submit(silent_tcp) for _ in range(10)]
        requests = ([pool.submit(silent_tls) for _ in range(5)] + [pool.submit(dripping, HEAD) for _ in range(5)]
                    + [pool.submit(dripping, HEAD + b"Content-Length: 1000\r\n\r\n") for _ in range(5)])
        time.sleep(1)
        front.assert_serves()
        assert all(2.5 < h.result() < 5 for h in handshakes), [h.result() for h in handshakes]
        assert all(4 < r.result() < 8 for r in requests), [r.result() for r in requests]
    eventually(lambda: front.connections() == 0, 5, what="every descriptor is given back")


@pytest.mark.parametrize("sent", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x00\x20" + b"\xff" * 32, b"\x80\x00" * 500,
                                  b"\x16\x03\x01\x00\x00"], ids=["http", "hello", "noise", "empty-record"])
def test_what_is_no_tls_is_closed(front, sent):
    with front.tcp() as connection:
        connection.sendall(sent)
        assert time_to_close(connection) < 5


def test_clients_that_leave_in_the_middle_cost_nothing(front):
    for start in (b"", b"POST", HEAD, HEAD + b"Content-Length: 1000\r\n\r\nxxx", post("/mutate", review("absent"))):
        for _ in range(20):
            connection = front.connect()
            connection.sendall(start)
            connection.close()
    eventually(lambda: front.connections() == 0, 10, what="every descriptor is given back")


def test_connection_is_kept_for_further_requests(front):
    with front.connect() as connection:
        for _ in range(50):
            connection.sendall(post("/validate", review()))
            assert Answer(connection).status == 200
        assert front.connections() == 1
        connection.sendall(post("/validate", review(), b"Connection: close\r\n"))
        assert Answer(connection).headers["connection"] == "close"
        assert connection.recv(1) == b""


def test_pod_of_an_absent_grant_is_refused_after_a_wait(front):
    """The wait holds no thread: meanwhile, others are answered at once."""
    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(front.ask, post("/mutate", review("absent"))) for _ in range(20)]
        time.sleep(0.5)
        front.assert_serves()
        assert not any(w.done() for w in waiting)
        answers = [w.result() for w in waiting]
    assert 2 <= time.monotonic() - begun < 5
    for answer in answers:
        response = json.loads(answer.body)["response"]
        assert response["allowed"] is False
        assert "absent" in response["status"]["message"]


def test_health_has_a_port_of_its_own(front):
    assert front.health_of("/healthz") == (200, "ok\n")
    assert front.health_of("/readyz") == (200, "ok\n")
    status, text = front.health_of("/readyz?verbose")
    assert status == 200
    assert text.splitlines() == ["[+]caches ok", "[+]certificate ok", "[+]shutdown ok", "readyz check passed"]
    assert front.health_of("/validate")[0] == 404


def test_renewed_certificate_is_served_within_ten_seconds(installation, tmp_path):
    pki = installation.cluster.directory / "pki"

    def put(name: str) -> None:
        shutil.copy(pki / f"{name}.crt", tmp_path / "tls.crt")
        shutil.copy(pki / f"{name}.key", tmp_path / "tls.key")

    def served(front: Front) -> bytes:
        with front.connect() as connection:
            return connection.getpeercert(binary_form=True)

    def der(path: pathlib.Path) -> bytes:
        return ssl.PEM_cert_to_DER_cert(path.read_text().partition("-----END CERTIFICATE-----")[0]
                                        + "-----END CERTIFICATE-----\n")

    put("webhook")
    front = Front(installation, "webhook-renewed", tmp_path / "tls.crt", tmp_path / "tls.key")
    assert served(front) == der(pki / "webhook.crt")

    (tmp_path / "tls.key").write_bytes(b"no key")
    eventually(lambda: any(line["msg"] == "certificate not reloaded" for line in front.log()), 10,
               what="the bad pair is logged")
    assert served(front) == der(pki / "webhook.crt")

    put("apiserver")
    eventually(lambda: served(front) == der(pki / "apiserver.crt"), 10, what="the other certificate is served")
    assert "PRIVATE KEY" not in front.process.log.read_text()
    assert front.process.stop() == 0


def test_serves_again_once_descriptors_are_free(installation):
    pki = installation.cluster.directory / "pki"
    front = Front(installation, "webhook-starved", pki / "webhook.crt", pki / "webhook.key")
    resource.prlimit(front.process.pid, resource.RLIMIT_NOFILE, (64, 64))
    crowd = [front.tcp() for _ in range(100)]
    eventually(lambda: any(line["msg"] == "cannot accept" for line in front.log()), 5, what="the shortage is logged")
    assert front.process.alive
    for connection in crowd:
        connection.close()
    eventually(lambda: front.connections() == 0, 10, what="every descriptor is given back")
    front.assert_serves()
    assert sum(line["msg"] == "cannot accept" for line in front.log()) == 1, "said once, not at each try"
    assert front.process.stop() == 0


def test_sigterm_answers_what_is_under_way(installation):
    pki = installation.cluster.directory / "pki"
    front = Front(installation, "webhook-ended", pki / "webhook.crt", pki / "webhook.key")
    idle = front.connect()
    idle.sendall(post("/validate", review()))
    assert Answer(idle).status == 200

    waiting = [front.connect() for _ in range(30)]
    for connection in waiting:
        connection.sendall(post("/mutate", review("absent")))
    time.sleep(0.5)
    begun = time.monotonic()
    os.kill(front.process.pid, signal.SIGTERM)
    assert idle.recv(1) == b""
    eventually(lambda: front.health_of("/readyz")[0] == 503, 2, what="readyz fails while it drains")
    for connection in waiting:
        answer = Answer(connection)
        assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert front.process.stop() == 0
    assert time.monotonic() - begun < 10


def test_sigterm_serves_on_until_the_endpoints_are_without_it(installation):
    pki = installation.cluster.directory / "pki"
    front = Front(installation, "webhook-retired", pki / "webhook.crt", pki / "webhook.key", shutdown_delay="2s")
    kept = front.connect()
    kept.sendall(post("/validate", review()))
    assert Answer(kept).headers.get("connection") != "close"
    begun = time.monotonic()
    os.kill(front.process.pid, signal.SIGTERM)
    eventually(lambda: front.health_of("/readyz")[0] == 503, 1, what="readyz fails at once")
    for connection in (kept, front.connect()):
        connection.sendall(post("/validate", review()))
        answer = Answer(connection)
        assert (answer.status, answer.headers["connection"]) == (200, "close")
    assert time.monotonic() - begun < 2, "the delay was over before the test was"
    assert front.process.stop() == 0
    assert 2 <= time.monotonic() - begun < 4
    with pytest.raises(OSError):
        front.tcp()
