"""The fault proxy itself, against a real API server."""
import http.client
import json
import threading

import pytest

from kube import ApiError
from proxy import FaultProxy, mutating, writes_only


def config_map(name: str) -> dict:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "proxy"}}


@pytest.fixture(scope="module")
def editor(kube):
    """A client whose token may edit the namespace `proxy`."""
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "proxy"}})
    kube.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "editor", "namespace": "proxy"}})
    kube.create({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
                 "metadata": {"name": "editor", "namespace": "proxy"},
                 "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
                 "subjects": [{"kind": "ServiceAccount", "name": "editor", "namespace": "proxy"}]})
    yield kube.with_token(kube.token_request("editor", "proxy"))
    kube.delete("Namespace", "proxy")


def test_forwards_with_the_callers_rights_and_counts_writes(cluster, editor):
    with FaultProxy(cluster) as proxy:
        through = editor.at(proxy.url)
        assert through.create(config_map("plain"))["metadata"]["uid"]
        assert "plain" in [c["metadata"]["name"] for c in through.list("ConfigMap", "proxy")]
        with pytest.raises(ApiError) as refused:
            through.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "other"}})
        assert refused.value.status == 403
        through.delete("ConfigMap", "plain", "proxy")
        assert [(r.number, r.method, r.path, r.status) for r in proxy.log] == [
            (1, "POST", "/api/v1/namespaces/proxy/configmaps", 201),
            (2, "POST", "/api/v1/namespaces", 403),
            (3, "DELETE", "/api/v1/namespaces/proxy/configmaps/plain", 200),
        ]


def test_a_watch_arrives_as_it_happens(cluster, editor):
    with FaultProxy(cluster) as proxy:
        host = proxy.url.removeprefix("https://")
        watch = http.client.HTTPSConnection(host, context=proxy.client_tls, timeout=5)
        watch.request("GET", "/api/v1/namespaces/proxy/configmaps?watch=true&timeoutSeconds=60",
                      headers={"Authorization": "Bearer " + editor.token})
        stream = watch.getresponse()
        editor.create(config_map("seen"))
        names = []
        while "seen" not in names:  # the root CA's ConfigMap comes first; the socket's 5 s bound this loop
            names.append(json.loads(stream.readline())["object"]["metadata"]["name"])
        watch.close()
        assert not proxy.log


def test_cuts_between_the_answer_and_the_client(cluster, editor):
    with FaultProxy(cluster) as proxy:
        through = editor.at(proxy.url)
        there = []
        proxy.cut_after(2, lambda: there.append(editor.find("ConfigMap", "second", "proxy") is not None))
        through.create(config_map("first"))
        with pytest.raises((OSError, http.client.HTTPException)):
            through.create(config_map("second"))
        assert there == [True]
        through.create(config_map("third"))
        assert [r.status for r in proxy.log] == [201, 201, 201]
        with pytest.raises(ValueError, match="request 2 is over"):
            proxy.cut_after(2, lambda: None)


def test_what_a_dead_client_had_under_way_is_not_sent(cluster, editor):
    """A second write that waits behind the one where the client dies must not reach the API server."""
    with FaultProxy(cluster) as proxy:
        through = editor.at(proxy.url)
        failures = []

        def write_behind():
            try:
                through.create(config_map("behind"))
            except (OSError, http.client.HTTPException) as error:
                failures.append(error)

        behind = threading.Thread(target=write_behind)

        def die():
            behind.start()
            behind.join(0.5)  # it waits at the proxy, for this one holds the line
            assert behind.is_alive()

        proxy.cut_after(1, die)
        with pytest.raises((OSError, http.client.HTTPException)):
            through.create(config_map("before"))
        behind.join(5)
        assert failures
        assert editor.find("ConfigMap", "before", "proxy")
        assert editor.find("ConfigMap", "behind", "proxy") is None


def test_reviews_count_unless_told_otherwise():
    review = "/apis/authentication.k8s.io/v1/tokenreviews"
    assert mutating("POST", review) and not writes_only("POST", review)
    assert writes_only("DELETE", "/api/v1/namespaces/a/secrets/b")
    assert not mutating("GET", "/api/v1/pods") and not writes_only("GET", "/api/v1/pods")
