"""A reverse proxy before the API server, for killing a client between two exact requests.

    with FaultProxy(cluster) as proxy:
        operator = installation.start_operator(server=proxy.url)
        proxy.cut_after(3, operator.kill)

Writes pass one at a time, each counted once the API server has answered it. When
number N has been answered and before the client hears of it, the action runs; then
every connection open at that moment is dropped, so that nothing the dead client
had still under way reaches the API server afterwards.
"""
import dataclasses
import http.client
import http.server
import ssl
import threading
import urllib.parse
from collections.abc import Callable

# Hop by hop (RFC 9110, 7.6.1), or written anew by this proxy.
_NOT_FORWARDED = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "host"}
_REVIEWS = ("/tokenreviews", "/subjectaccessreviews", "/selfsubjectaccessreviews")


def mutating(method: str, path: str) -> bool:
    """Every request but reads; reviews count, for a client that dies there is in between two steps as well."""
    return method not in ("GET", "HEAD")


def writes_only(method: str, path: str) -> bool:
    """As `mutating`, without TokenReview and SubjectAccessReview, which change nothing."""
    return mutating(method, path) and not path.endswith(_REVIEWS)


@dataclasses.dataclass(frozen=True)
class Record:
    number: int  # from 1, in the order of the API server's answers
    method: str
    path: str  # without the query
    status: int


class FaultProxy:
    """Serves on a free port of 127.0.0.1 with the cluster's webhook certificate.

    Tokens pass through in the Authorization header; client certificates do not.
    `counts` says by method and path which requests are counted and let through one
    at a time. `log` holds them all.
    """

    def __init__(self, cluster, counts: Callable[[str, str], bool] = mutating):
        pki = cluster.directory / "pki"
        self.upstream = urllib.parse.urlsplit(cluster.kube.server).netloc
        self.client_tls = ssl.create_default_context(cafile=str(pki / "ca.crt"))
        server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server_tls.load_cert_chain(pki / "webhook.crt", pki / "webhook.key")
        self.counts = counts
        self.log: list[Record] = []
        self.one_at_a_time = threading.Lock()
        self.generation = 0  # of connections: those of an earlier one are dropped
        self._actions: dict[int, Callable[[], object]] = {}
        self._server = _Server(self, server_tls)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._server.server_address[1]}"

    def cut_after(self, number: int, action: Callable[[], object]) -> None:
        """Runs `action` between the API server's answer to counted request `number` and the client's
        hearing of it. Numbers go on from `len(log)`; one that was already answered is a ValueError."""
        with self.one_at_a_time:
            if number <= len(self.log):
                raise ValueError(f"request {number} is over: {len(self.log)} were answered")
            self._actions[number] = action

    def cut_no_more(self) -> None:
        """Forgets what cut_after asked for and has not happened."""
        with self.one_at_a_time:
            self._actions.clear()

    def answered(self, method: str, path: str, status: int) -> bool:
        """Records one counted answer (the caller holds `one_at_a_time`); says whether it was cut off."""
        self.log.append(Record(len(self.log) + 1, method, path, status))
        action = self._actions.pop(len(self.log), None)
        if action is None:
            return False
        action()
        self.generation += 1
        return True

    def start(self) -> "FaultProxy":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> "FaultProxy":
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # watches stay open for minutes

    def __init__(self, proxy: FaultProxy, tls: ssl.SSLContext):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.proxy, self.tls = proxy, tls

    def finish_request(self, request, client_address):
        # In the connection's own thread, so that a client that stalls holds up no other.
        try:
            request.settimeout(10)
            wrapped = self.tls.wrap_socket(request, server_side=True)
            wrapped.settimeout(None)
        except OSError:
            return
        try:
            super().finish_request(wrapped, client_address)
        except OSError:
            pass  # the client is gone: what this proxy is for
        finally:
            wrapped.close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.proxy: FaultProxy = self.server.proxy
        self.generation = self.proxy.generation
        self.api = http.client.HTTPSConnection(self.proxy.upstream, context=self.proxy.client_tls)

    def finish(self):
        self.api.close()
        super().finish()

    def handle_any(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self._read_chunks() if self.headers.get("Transfer-Encoding") == "chunked" else self.rfile.read(length)
        path = self.path.partition("?")[0]
        if not self.proxy.counts(self.command, path):
            self._pass_on(self._ask(body))
            return
        with self.proxy.one_at_a_time:
            if self.generation != self.proxy.generation:
                self.close_connection = True
                return
            answer = self._ask(body)
            content = answer.read()
            if self.proxy.answered(self.command, path, answer.status):
                self.close_connection = True
                return
        self._pass_on(answer, content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def _read_chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _ask(self, body: bytes) -> http.client.HTTPResponse:
        self.api.putrequest(self.command, self.path, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in _NOT_FORWARDED | {"content-length"}:
                self.api.putheader(name, value)
        if body or mutating(self.command, self.path):
            self.api.putheader("Content-Length", str(len(body)))
        self.api.endheaders(body or None)
        return self.api.getresponse()

    def _pass_on(self, answer: http.client.HTTPResponse, content: bytes | None = None) -> None:
        """Sends `content`, or streams the answer as its parts arrive, so that a watch is not held back."""
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in _NOT_FORWARDED | {"content-length"}:
                self.send_header(name, value)
        if content is not None:
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while part := answer.read1(65536):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass
