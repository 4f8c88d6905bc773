"""The policies by which status is believed: watched by the operator, tried, and their gaps remembered."""
import datetime
import http.server
import ssl
import threading
import time

import pytest
from support.cluster import Cluster
from support.kinds import collection
from support.kube import ApiError, Kube, eventually
from support.processes import SYSTEM, Installation, free_port

OPERATOR = f"system:serviceaccount:{SYSTEM}:errand-operator"
POLICY, BINDING = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"
STATUS, TOKENS, RECORD = "errand-status-tampering", "errand-tokens", "errand-guard-record"


@pytest.fixture(scope="module")
def own():
    """A cluster of this module's own: its policies come and go."""
    with Cluster.start() as cluster:
        installed = Installation(cluster).install()
        yield installed
        installed.stop()


@pytest.fixture
def operator(own):
    started = start(own)
    yield started
    started.stop()


def begin(own, *arguments):
    """An operator, with `already` the length of the log that others before it have written."""
    log = own.cluster.directory / "logs" / "operator.log"
    already = log.stat().st_size if log.exists() else 0
    process = own.start_operator(*arguments, guarded=False)
    process.already = already
    return process


def start(own):
    process = begin(own)
    eventually(process.guards_hold, 60, 0.2, "the guards hold")
    return process


def says(process, text: str) -> None:
    eventually(lambda: text in process.log.read_bytes()[process.already:].decode(), 60, 0.2, f"the log says: {text}")


def as_operator(kube: Kube) -> Kube:
    return kube.as_user(OPERATOR, "system:masters")


def record(kube: Kube) -> dict:
    return kube.get("ConfigMap", "errand-guards", SYSTEM)


def since(kube: Kube) -> datetime.datetime:
    """Once it has come: a gap of the same second would move it to the same moment."""
    return eventually(lambda: (at := recorded(kube)) <= now() and at, 20, 0.2, "the moment comes")


def recorded(kube: Kube) -> datetime.datetime:
    return time_of(record(kube)["data"]["since"])


def time_of(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


def moves(kube: Kube, before: datetime.datetime, not_before: datetime.datetime) -> None:
    """That a gap is remembered: nothing is believed from before the moment at which it was mended."""
    eventually(lambda: recorded(kube) != before, 60, 0.2, "since moves")
    assert not_before + datetime.timedelta(seconds=4) <= recorded(kube) <= now() + datetime.timedelta(seconds=6)


def forget(kube: Kube) -> None:
    """Deletes the record, as the operator could."""
    as_operator(kube).delete("ConfigMap", "errand-guards", SYSTEM, missing_ok=True)


def lists_broken(process) -> set[str]:
    """The guards that the metrics show as broken."""
    names = [f"{kind}/{name}" for kind in (POLICY, BINDING) for name in (STATUS, TOKENS, RECORD, "errand-unmanaged-write")]
    names += ["MutatingWebhookConfiguration/errand", "ValidatingWebhookConfiguration/errand"]
    return {name for name in names if process.metric(f'errand_guard_holds{{guard="{name}"}}') == 0}


def breaks(process, name: str, problem: str) -> None:
    eventually(lambda: not process.guards_hold(), 30, 0.2, "the operator sees it")
    assert lists_broken(process) == {name}
    says(process, problem)


# First: nothing of the cluster has been changed yet.
def test_the_first_operator_believes_since_the_guard_of_status_was_made(own):
    kube = own.kube
    process = start(own)
    made = max(time_of(kube.get(kind, STATUS)["metadata"]["creationTimestamp"]) for kind in (POLICY, BINDING))
    assert since(kube) == made + datetime.timedelta(seconds=5)
    assert lists_broken(process) == set()
    data = record(kube)["data"]
    for kind in (POLICY, BINDING):
        meta = kube.get(kind, TOKENS)["metadata"]
        assert data[f"{kind}.{TOKENS}"] == f"{meta['uid']} {meta['generation']}"
    written = record(kube)
    process.stop()
    again = start(own)
    time.sleep(6)  # more than one look
    assert record(kube)["metadata"]["resourceVersion"] == written["metadata"]["resourceVersion"], "a restart changes nothing"
    again.stop()


def test_nobody_else_writes_the_record(own, operator):
    del operator
    kube = own.kube
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "errand-guards", "namespace": SYSTEM}, "data": {}}
    path = collection("ConfigMap", SYSTEM)
    attempts = [lambda: kube.create(body, SYSTEM), lambda: kube.apply(body, SYSTEM), lambda: kube.replace(body),
                lambda: kube.patch("ConfigMap", "errand-guards", SYSTEM, {"data": {"since": "2000-01-01T00:00:00Z"}}),
                lambda: kube.patch("ConfigMap", "errand-guards", SYSTEM, {"metadata": {"labels": {"a": "b"}}}),
                lambda: kube.delete("ConfigMap", "errand-guards", SYSTEM),
                lambda: kube.request("DELETE", path), lambda: kube.create({**body, "metadata": {"name": "errand-guards"}}, SYSTEM)]
    before = record(kube)
    for attempt in attempts:
        with pytest.raises(ApiError) as refused:
            attempt()
        assert "errand-guards is written by the operator alone" in refused.value.message
    assert record(kube) == before
    # What has another name is not the record, and what is elsewhere is not either.
    kube.create({**body, "metadata": {"name": "errand-guards"}}, "default")
    kube.delete("ConfigMap", "errand-guards", "default")


def test_the_operator_writes_no_other_config_map_and_no_other_token(own):
    kube = as_operator(own.kube)
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "other"}}
    for name, namespace in (("other", SYSTEM), ("errand-guards", "default")):
        with pytest.raises(ApiError) as refused:
            kube.create({**body, "metadata": {"name": name}}, namespace)
        assert "the operator writes the ConfigMap errand-guards alone" in refused.value.message
    with pytest.raises(ApiError) as refused:
        kube.token_request("errand-webhook", SYSTEM)
    assert "and of errand-probe for 600 s" in refused.value.message
    with pytest.raises(ApiError) as refused:
        kube.token_request("errand-probe", SYSTEM, seconds=3600)
    assert "and of errand-probe for 600 s" in refused.value.message


def test_the_probe_s_account_changes_nothing(own):
    kube = own.kube.with_token(own.kube.token_request("errand-probe", SYSTEM))
    for kind, api_version in (("ConfigMap", "v1"), ("ServiceAccount", "v1")):
        body = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "left-behind"}}
        kube.create(body, SYSTEM, dry_run=True)
        with pytest.raises(ApiError) as refused:
            kube.create(body, SYSTEM)
        assert "the account errand-probe changes nothing" in refused.value.message
    with pytest.raises(ApiError) as refused:
        kube.patch("Namespace", SYSTEM, None, {"metadata": {"labels": {"a": "b"}}})
    assert "the account errand-probe changes nothing" in refused.value.message
    with pytest.raises(ApiError) as refused:
        kube.get("ConfigMap", "errand-guards", SYSTEM)
    assert refused.value.status == 403


def test_a_binding_that_is_deleted_stops_and_its_return_is_a_gap(own, operator):
    kube, before = own.kube, since(own.kube)
    with own.without(STATUS):
        breaks(operator, f"{BINDING}/{STATUS}", f"{BINDING} {STATUS} does not exist; apply the manifests or the chart")
        assert since(kube) == before, "nothing ends while it is away"
        mended = now()
    eventually(operator.guards_hold, 60, 0.2, "it is back")
    moves(kube, before, mended)


def test_deny_to_audit_and_back_in_the_operator_s_absence_is_a_gap(own):
    kube = own.kube
    start(own).stop()
    before, mended = since(kube), now()
    for actions in (["Audit"], ["Deny"]):
        kube.patch(BINDING, TOKENS, None, {"spec": {"validationActions": actions}})
    process = start(own)
    moves(kube, before, mended)
    process.stop()


def test_a_root_ca_that_was_rewritten_behind_its_policy_is_found_at_the_next_start(own):
    """As under an earlier version. The namespace stays enforced; no grant starts there until it is mended."""
    kube, ns, name = own.kube, "rewritten", "kube-root-ca.crt"
    publisher = kube.as_user("system:serviceaccount:kube-system:root-ca-cert-publisher", "system:masters")

    def enforced_since() -> str:
        return kube.get("Namespace", ns)["metadata"].get("annotations", {}).get("errand.dev/enforced-since", "")

    first = start(own)
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns, "labels": {"errand.dev/enforce": "true"}}})
    before = eventually(enforced_since, 40, what="the namespace is enforced")
    publisher.patch("ConfigMap", name, ns, {"immutable": True, "data": {"ca.crt": "mine"}})
    first.stop()
    again = start(own)
    says(again, f"no grant starts in namespace {ns}: its ConfigMap {name} is not that of namespace {SYSTEM}")
    assert enforced_since() == before
    publisher.delete("ConfigMap", name, ns)
    again.stop()
    kube.delete("Namespace", ns)


def test_an_edited_policy_stops_and_its_mending_is_a_gap(own, operator):
    kube, before = own.kube, since(own.kube)
    shipped = kube.get(POLICY, TOKENS)["spec"]["validations"]
    kube.patch(POLICY, TOKENS, None, {"spec": {"validations": [{**shipped[0], "expression": "true"}]}})
    breaks(operator, f"{POLICY}/{TOKENS}", f"{POLICY} {TOKENS}: spec.validations[0].expression is not what this version ships")
    mended = now()
    kube.patch(POLICY, TOKENS, None, {"spec": {"validations": shipped}})
    eventually(operator.guards_hold, 60, 0.2, "it is mended")
    moves(kube, before, mended)


def test_an_emptied_webhook_configuration_stops_and_is_no_gap(own, operator):
    kube, before = own.kube, since(own.kube)
    saved = kube.get("ValidatingWebhookConfiguration", "errand")["webhooks"]
    kube.patch("ValidatingWebhookConfiguration", "errand", None, {"webhooks": []})
    breaks(operator, "ValidatingWebhookConfiguration/errand", "ValidatingWebhookConfiguration errand: webhooks is not what")
    kube.patch("ValidatingWebhookConfiguration", "errand", None, {"webhooks": saved})
    eventually(operator.guards_hold, 60, 0.2, "it is back")
    assert since(kube) == before


def test_a_configuration_that_calls_another_is_not_ours(own, operator):
    kube = own.kube
    saved = kube.get("MutatingWebhookConfiguration", "errand")["webhooks"]
    own.kube.patch("MutatingWebhookConfiguration", "errand", None,
                   [{"op": "replace", "path": "/webhooks/0/clientConfig/url", "value": "https://127.0.0.1:1/mutate"}])
    breaks(operator, "MutatingWebhookConfiguration/errand", "webhooks[0].clientConfig.url is not what this version ships")
    kube.patch("MutatingWebhookConfiguration", "errand", None, {"webhooks": saved})
    eventually(operator.guards_hold, 60, 0.2, "it is back")


def test_without_a_record_a_guard_of_status_that_was_changed_is_not_believed_for_before(own):
    kube = own.kube
    start(own).stop()
    before, mended = since(kube), now()
    for actions in (["Audit"], ["Deny"]):
        kube.patch(BINDING, STATUS, None, {"spec": {"validationActions": actions}})
    forget(kube)
    process = start(own)
    moves(kube, before, mended)
    process.stop()


def test_a_record_from_before_its_policy_is_replaced(own):
    kube = own.kube
    start(own).stop()
    genuine = record(kube)
    with own.without(RECORD):
        eventually(lambda: not refuses_a_record(kube), 30, 0.2, "the API server has forgotten the policy")
        kube.delete("ConfigMap", "errand-guards", SYSTEM)
        forged = {**genuine["data"], "since": "2000-01-01T00:00:00Z"}
        kube.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "errand-guards"}, "data": forged}, SYSTEM)
    mended = now()
    forged_uid = record(kube)["metadata"]["uid"]
    # Even one that names the binding that came after it, which takes a second after the binding is made.
    binding = kube.get(BINDING, RECORD)["metadata"]
    as_operator(kube).patch("ConfigMap", "errand-guards", SYSTEM,
                            {"data": {f"{BINDING}.{RECORD}": f"{binding['uid']} {binding['generation']}"}})
    process = start(own)
    assert record(kube)["metadata"]["uid"] != forged_uid
    moves(kube, time_of("2000-01-01T00:00:00Z"), mended)
    process.stop()


def refuses_a_record(kube: Kube) -> bool:
    try:
        kube.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "errand-guards"}}, SYSTEM, dry_run=True)
    except ApiError as error:
        return "by the operator alone" in error.message
    return False


class Careless(http.server.BaseHTTPRequestHandler):
    """An API server without the admission plugin: it admits whatever it is sent."""

    admits = True

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        status = 201 if self.admits else 503
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_PATCH = do_POST

    def log_message(self, *_):
        pass


@pytest.fixture
def careless(own):
    """Its URL; the rig's certificate for the webhook is good for 127.0.0.1."""
    pki = own.cluster.directory / "pki"
    server = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Careless)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / "webhook.crt", pki / "webhook.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Careless.admits = True
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_one_api_server_that_admits_a_forged_write_is_a_gap_though_the_specs_are_good(own, careless):
    kube = own.kube
    start(own).stop()
    before, began = since(kube), now()
    process = begin(own, "--proof-server", kube.server, "--proof-server", careless)
    says(process, "is there and admits a forged write")
    assert not process.guards_hold() and since(kube) == before
    process.stop()
    # It is remembered, though what is asked from here on refuses, and the specs are what they were.
    process = start(own)
    moves(kube, before, began)
    process.stop()


def test_an_api_server_that_cannot_be_asked_stops_and_is_no_gap(own, careless):
    kube = own.kube
    start(own).stop()
    before, Careless.admits = since(kube), False
    process = begin(own, "--proof-server", kube.server, "--proof-server", careless)
    says(process, "whether the policies refuse forged writes is not known")
    assert not process.guards_hold() and lists_broken(process) == set()
    process.stop()
    start(own).stop()
    assert since(kube) == before
