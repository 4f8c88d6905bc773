"""The fault proxy itself, against a real API server: each fault, and how requests are chosen."""
import http.client
import json
import socket
import subprocess
import threading
import time

import pytest
from support.kube import ApiError, eventually
from support.proxy import FaultProxy, rule
from support.watching import Watch

BROKEN = (OSError, http.client.HTTPException, json.JSONDecodeError)
CONFIG_MAPS = "/api/v1/namespaces/proxy/configmaps"


def config_map(name: str, value: str = "") -> dict:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "proxy"}, "data": {"v": value}}


@pytest.fixture(scope="module")
def editor(kube):
    """A client whose token may edit the namespace `proxy`."""
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "proxy"}})
    kube.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "editor", "namespace": "proxy"}})
    kube.create({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
                 "metadata": {"name": "editor", "namespace": "proxy"},
                 "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
                 "subjects": [{"kind": "ServiceAccount", "name": "editor", "namespace": "proxy"}]})
    client = kube.with_token(kube.token_request("editor", "proxy"))
    eventually(lambda: client.find("ConfigMap", "kube-root-ca.crt", "proxy"), 10, what="the namespace is set up")
    yield client
    kube.delete("Namespace", "proxy")


@pytest.fixture
def proxy(cluster, editor):
    for left in editor.list("ConfigMap", "proxy"):
        if left["metadata"]["name"] != "kube-root-ca.crt":
            editor.delete("ConfigMap", left["metadata"]["name"], "proxy")
    with FaultProxy(cluster) as running:
        yield running


@pytest.fixture
def through(proxy, editor):
    return editor.at(proxy.url)


def test_forwards_with_the_callers_rights_and_logs(proxy, through):
    assert through.create(config_map("plain"))["metadata"]["uid"]
    assert "plain" in [c["metadata"]["name"] for c in through.list("ConfigMap", "proxy")]
    with pytest.raises(ApiError) as refused:
        through.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "other"}})
    assert refused.value.status == 403
    through.delete("ConfigMap", "plain", "proxy")
    assert [(r.number, r.method, r.path, r.status, r.forwarded) for r in proxy.log() if r.write] == [
        (1, "POST", CONFIG_MAPS, 201, True), (3, "POST", "/api/v1/namespaces", 403, True),
        (4, "DELETE", CONFIG_MAPS + "/plain", 200, True)]
    assert proxy.log(since=3)[0].number == 4


def test_says_which_audiences_a_token_is_for(proxy, kube):
    kube_through = kube.with_token(kube.token_request("editor", "proxy")).at(proxy.url)
    with pytest.raises(ApiError):  # the role `edit` may not mint for another account, whatever; the log has it
        kube_through.token_request("nobody", "proxy", ("https://mcp.example.com",))
    kube_through.list("ConfigMap", "proxy")
    assert [(r.mint, r.audiences) for r in proxy.log()] == [(True, ["https://mcp.example.com"]), (False, None)]


@pytest.mark.parametrize("status", [409, 410, 429, 500, 503])
def test_answers_for_the_server(proxy, through, editor, status):
    proxy.plan(rule("no", "status", status=status, retryAfter=7, method="POST", path=CONFIG_MAPS, count=1))
    with pytest.raises(ApiError) as refused:
        through.create(config_map("refused"))
    assert refused.value.status == status and refused.value.body["kind"] == "Status"
    assert editor.find("ConfigMap", "refused", "proxy") is None
    assert [(r.status, r.forwarded, r.rule) for r in proxy.log()] == [(status, False, "no")]
    through.create(config_map("refused"))  # the count is used up


def test_says_when_to_come_again(proxy, through):
    proxy.plan(rule("slow", "status", status=429, retryAfter=7))
    connection = http.client.HTTPSConnection(proxy.url.removeprefix("https://"), context=Watch.tls(through))
    connection.request("GET", CONFIG_MAPS)
    assert connection.getresponse().headers["Retry-After"] == "7"
    connection.close()


def test_denies_what_was_done(proxy, through, editor):
    proxy.plan(rule("lie", "status", status=500, when="after", method="POST", count=1))
    with pytest.raises(ApiError):
        through.create(config_map("done"))
    assert editor.find("ConfigMap", "done", "proxy")


def test_cuts_the_answer_at_any_byte(proxy, through, editor):
    for at in (0, 1, 12, 100, 400):
        proxy.plan(rule("cut", "cut-answer", at=at, method="POST"))
        assert len(raw_answer(through, config_map(f"cut-{at}"))) == at
        assert editor.find("ConfigMap", f"cut-{at}", "proxy"), "the API server did it all the same"


def raw_answer(client, body: dict) -> bytes:
    """Every byte that comes for a POST of `body`; http.client takes an end among the headers for a whole answer."""
    host, _, port = client.server.removeprefix("https://").partition(":")
    with socket.create_connection((host, int(port)), timeout=5) as plain, \
            Watch.tls(client).wrap_socket(plain, server_hostname=host) as connection:
        content = json.dumps(body).encode()
        connection.sendall(f"POST {CONFIG_MAPS} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {client.token}\r\n"
                           f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)
        received = b""
        while part := connection.recv(4096):
            received += part
        return received


def test_cuts_the_request_at_any_byte(proxy, through, editor):
    for at in (0, 30, 500):
        proxy.plan(rule("cut", "cut-request", at=at, method="POST"))
        with pytest.raises(BROKEN):
            through.create(config_map(f"half-{at}", "x" * 2000))
        assert editor.find("ConfigMap", f"half-{at}", "proxy") is None


def test_delays(proxy, through):
    proxy.plan(rule("slow", "delay", seconds=0.4, count=1))
    began = time.monotonic()
    through.list("ConfigMap", "proxy")
    assert time.monotonic() - began >= 0.4
    assert proxy.state("slow") == {"matched": 1, "fired": 1, "held": 0}


def test_a_black_hole_takes_requests_and_says_nothing(proxy, through, editor):
    proxy.plan(rule("hole", "black-hole", seconds=1, method="POST", when="after"))
    began = time.monotonic()
    with pytest.raises(BROKEN):
        through.create(config_map("swallowed"))
    assert time.monotonic() - began >= 1
    assert editor.find("ConfigMap", "swallowed", "proxy")


def test_holds_until_it_is_told_to_go_on(proxy, through, editor):
    proxy.plan(rule("held", "hold", method="POST", when="after"))
    done = []
    creating = threading.Thread(target=lambda: done.append(through.create(config_map("held"))))
    creating.start()
    proxy.wait_held("held", 5)
    assert editor.find("ConfigMap", "held", "proxy") and not done
    proxy.release("held")
    creating.join(5)
    assert done


def test_kills_between_the_answer_and_the_client(proxy, through, editor, tmp_path):
    with subprocess.Popen(["sleep", "60"]) as victim:
        (tmp_path / "pid").write_text(str(victim.pid))
        proxy.plan(rule("waits", "hold", method="POST", path=".*/secrets"),
                   rule("kill", "kill", pidFile=str(tmp_path / "pid"), method="POST", path=CONFIG_MAPS, skip=1))
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "behind", "namespace": "proxy"}}
        behind = threading.Thread(target=lambda: pytest.raises(BROKEN, through.create, secret))
        behind.start()
        proxy.wait_held("waits", 5)
        through.create(config_map("first"))
        with pytest.raises(BROKEN):
            through.create(config_map("second"))
        assert victim.wait(5) == -9
        behind.join(5)
        assert editor.find("ConfigMap", "second", "proxy")
        assert editor.find("Secret", "behind", "proxy") is None, "what a dead client had under way must not be sent"
        proxy.plan()
        through.create(config_map("third"))  # by the next life


def test_a_watch_arrives_as_it_happens_and_can_be_dropped(proxy, through, editor):
    with Watch(through, CONFIG_MAPS) as watch:
        editor.create(config_map("seen"))
        watch.until("ADDED", "seen")
        assert proxy.drop(CONFIG_MAPS, "watch=true") == 1
        assert watch.ends()


def test_events_are_dropped_doubled_and_held_back(proxy, through, editor):
    about = {"path": CONFIG_MAPS, "event": "ADDED"}
    with Watch(through, CONFIG_MAPS) as watch:
        watch.until_listed()
        proxy.plan(rule("drop", "watch-drop", object="proxy/a", **about),
                   rule("double", "watch-duplicate", object="proxy/b", **about),
                   rule("hold", "watch-hold", object="proxy/c", **about))
        for name in "abcd":
            editor.create(config_map(name))
        proxy.wait_held("hold", 5)
        assert [watch.next() for _ in range(2)] == [("ADDED", "b"), ("ADDED", "b")]
        assert watch.nothing_for(0.3)
        proxy.release("hold")
        assert [watch.next() for _ in range(2)] == [("ADDED", "c"), ("ADDED", "d")]


def test_events_are_merged(proxy, through, editor):
    editor.create(config_map("changes"))
    with Watch(through, CONFIG_MAPS) as watch:
        watch.until_listed()
        proxy.plan(rule("merge", "watch-merge", seconds=1.5, path=CONFIG_MAPS, count=1))
        editor.create(config_map("grows"))
        for value in "123":
            editor.patch("ConfigMap", "changes", "proxy", {"data": {"v": value}})
            editor.patch("ConfigMap", "grows", "proxy", {"data": {"v": value}})
        editor.create(config_map("short-lived"))
        editor.delete("ConfigMap", "short-lived", "proxy")
        assert watch.next() == ("MODIFIED", "changes") and watch.last["data"]["v"] == "3"
        assert watch.next() == ("ADDED", "grows") and watch.last["data"]["v"] == "3"
        assert watch.nothing_for(0.3), watch.last


def test_a_watch_can_be_told_that_it_is_too_old(proxy, through, editor):
    with Watch(through, CONFIG_MAPS) as watch:
        watch.until_listed()
        proxy.plan(rule("gone", "watch-error", status=410, path=CONFIG_MAPS))
        editor.create(config_map("unseen"))
        assert watch.next()[0] == "ERROR" and watch.last["code"] == 410
        assert watch.ends()


def test_serves_an_older_list_and_then_what_came_since(proxy, through, editor):
    proxy.remember(CONFIG_MAPS)
    with Watch(through, CONFIG_MAPS) as watch:
        watch.until_listed()
        for name in ("one", "two", "three"):
            editor.create(config_map(name))
            watch.until("ADDED", name)
    proxy.plan(rule("behind", "older", events=2, seconds=0.4, path=CONFIG_MAPS))
    began = time.monotonic()
    with Watch(through, CONFIG_MAPS) as watch:
        assert "one" in (listed := watch.until_listed()) and "two" not in listed and "three" not in listed
        assert [watch.next() for _ in range(2)] == [("ADDED", "two"), ("ADDED", "three")]
        assert time.monotonic() - began >= 0.4


def test_serves_an_older_answer_of_a_plain_get(proxy, through):
    proxy.remember(CONFIG_MAPS + "/.*")
    through.create(config_map("aged", "young"))
    assert through.get("ConfigMap", "aged", "proxy")["data"]["v"] == "young"
    through.patch("ConfigMap", "aged", "proxy", {"data": {"v": "old"}})
    proxy.plan(rule("older", "older", events=1, count=1, method="GET"))
    assert [through.get("ConfigMap", "aged", "proxy")["data"]["v"] for _ in range(2)] == ["young", "old"]


def test_the_same_seed_chooses_the_same_requests(proxy, through):
    def chosen(seed: int) -> list[bool]:
        since = len(proxy.log())
        proxy.plan(rule("some", "status", status=503, probability=0.5, skip=2), seed=seed)
        for _ in range(24):
            through.raw("GET", CONFIG_MAPS)
        return [r.status == 503 for r in proxy.log(since)]

    first = chosen(7)
    assert first == chosen(7) and first != chosen(8)
    assert 0 < sum(first) < 22 and not any(first[:2])


def test_reads_beside_writes_under_load(proxy, through):
    """Many connections at once: no request fails, none is lost."""
    failures = []

    def work(n: int) -> None:
        try:
            for i in range(10):
                through.create(config_map(f"load-{n}-{i}"))
                assert through.get("ConfigMap", f"load-{n}-{i}", "proxy")
                through.delete("ConfigMap", f"load-{n}-{i}", "proxy")
        except (*BROKEN, ApiError, AssertionError) as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(proxy.log()) == 240


def test_a_rule_that_cannot_be_understood_is_refused(proxy):
    with pytest.raises(ValueError, match="must be one of"):
        proxy.plan(rule("x", "explode"))
    with pytest.raises(ValueError, match="unknown field"):
        proxy.plan(rule("x", "delay", secs=1))
    with pytest.raises(ValueError, match="missing closing"):
        proxy.plan(rule("x", "delay", path="("))
