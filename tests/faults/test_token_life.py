"""What takes minutes to see, up to a token's life of ten: by `make test-faults` alone."""
import os
import time

import pytest
from support import agents
from support.agents import VOLUME, confirmed, in_phase
from support.processes import Installation
from support.proxy import TOKEN_REVIEWS, rule
from support.scenarios import behind_a_proxy, prepare

pytestmark = pytest.mark.skipif(os.environ.get("ERRAND_FAULTS") != "whole", reason="waits for a minute, for half of a token's life, and for a whole one")


@pytest.fixture(scope="module", name="place")
def fixture_place():
    """A cluster of its own, whose operator is killed and whose every request is seen."""
    with behind_a_proxy() as own:
        yield own


@pytest.fixture(scope="module", name="rotating", autouse=True)
def fixture_rotating(place):
    """A pod with a projected token, and that token: begun before all else, so that its life runs beside theirs."""
    installation, kube, proxy = place
    ns = "rotation"
    prepare(installation, ns)
    operator = installation.start_operator(server=proxy.url)
    kube.create(agents.grant(ns, "task", duration="1h"))
    kube.create(agents.job(ns, grant_name="task"))
    kube.wait_for("TaskGrant", "task", ns, in_phase("Active"), 30)
    pod = agents.running_pod(kube, ns)
    operator.stop()
    return pod, installation.cluster.read(pod, VOLUME, "token")


def test_a_slots_token_is_renewed_around_half_of_its_life(place):
    installation, kube, proxy = place
    ns = "renewal"
    prepare(installation, ns)
    operator = installation.start_operator(server=proxy.url)
    kube.create(agents.deployment(ns))
    kube.create(agents.grant(ns, "task", "Deployment/serve", "Slot", duration="10m"))
    kube.wait_for("TaskGrant", "task", ns, in_phase("Active"), 30)
    first = agents.secret_value(kube, ns, "errand-bot-fixer", "token")
    second = agents.eventually(
        lambda: (token := agents.secret_value(kube, ns, "errand-bot-fixer", "token")) != first and token, 400, 1, "another token")
    old, new = agents.claims(first), agents.claims(second)
    life = old["exp"] - old["iat"]
    assert 0.2 * life <= old["exp"] - new["iat"] <= 0.7 * life, "about half of it was left, a fifth at least"
    assert new["exp"] > old["exp"] and new["kubernetes.io"]["secret"] == old["kubernetes.io"]["secret"]
    assert agents.refusal(lambda: kube.with_token(second).list("ConfigMap", ns)) == 200
    g = kube.wait_for("TaskGrant", "task", ns, lambda g: new["jti"] in [c["credentialID"] for c in g["status"]["credentials"]], 5)
    assert g["status"]["phase"] == "Active"
    kube.patch("TaskGrant", "task", ns, {"spec": {"revoke": {"reason": "test"}}})
    agents.refused_within(kube, second, 13)
    kube.wait_for("TaskGrant", "task", ns, confirmed, 45)
    operator.stop()


def test_where_no_token_is_left_to_ask_about_its_expiry_is_the_proof(place):
    installation, kube, proxy = place
    ns = "expiry"
    prepare(installation, ns)
    operator, since = installation.start_operator(server=proxy.url), len(proxy.log())
    kube.create(agents.deployment(ns))
    kube.create(agents.grant(ns, "task", "Deployment/serve", "Slot"))
    kube.wait_for("TaskGrant", "task", ns, in_phase("Active"), 30)
    expires = agents.claims(agents.secret_value(kube, ns, "errand-bot-fixer", "token"))["exp"]
    kube.patch("TaskGrant", "task", ns, {"spec": {"revoke": {"reason": "test"}}})
    g = kube.wait_for("TaskGrant", "task", ns, in_phase("Revoked"), 15)
    agents.eventually(lambda: not agents.owned(kube, ns, g), 10, what="nothing is left of the grant")
    operator.kill()
    assert not confirmed(kube.get("TaskGrant", "task", ns)), "killed before it had proved anything"
    operator, asked = installation.start_operator(server=proxy.url), len(proxy.log())
    g = kube.wait_for("TaskGrant", "task", ns, confirmed, 700)
    revocation = g["status"]["revocation"]
    assert revocation["confirmedBy"] == "Expiry"
    assert agents.moment(revocation["confirmedAt"]) >= expires + 60, "the API server forgives a minute"
    assert [r for r in proxy.log(since) if r.path == TOKEN_REVIEWS] and not [r for r in proxy.log(asked) if r.path == TOKEN_REVIEWS]
    operator.stop()


def test_the_kubelet_renews_a_projected_token(place, rotating):
    """While the grant is Active, whether or not the operator runs."""
    installation, kube, _ = place
    pod, first = rotating
    ns = pod["metadata"]["namespace"]
    second = agents.eventually(lambda: (token := installation.cluster.read(pod, VOLUME, "token")) != first and token, 700, 1,
                               "another token in the pod")
    old, new = agents.claims(first), agents.claims(second)
    assert new["exp"] - new["iat"] == 600 and old["iat"] < new["iat"] < old["exp"], "before the first had run out"
    assert new["kubernetes.io"]["pod"]["uid"] == old["kubernetes.io"]["pod"]["uid"] == pod["metadata"]["uid"]
    assert agents.refusal(lambda: kube.with_token(second).list("ConfigMap", ns)) == 200


def test_a_call_that_is_held_back_delivers_nothing_after_the_window(place):
    installation, kube, proxy = place
    ns = "held-back"
    prepare(installation, ns)
    operator, since = installation.start_operator(server=proxy.url), len(proxy.log())
    grants = f"/apis/errand.dev/v1alpha1/namespaces/{ns}/taskgrants"
    proxy.plan(rule("read", "delay", method="GET", path=f"{grants}/task", seconds=15),
               rule("mint", "delay", method="POST", path=f"/api/v1/namespaces/{ns}/serviceaccounts/.*/token", seconds=25))
    kube.create(agents.deployment(ns))
    kube.create(agents.grant(ns, "task", "Deployment/serve", "Slot", duration="30s"))
    g = kube.wait_for("TaskGrant", "task", ns, in_phase("Expired"), 60)
    assert proxy.state("mint")["fired"] == 1, "a token was asked for in time, and the call given up at the end"
    assert not [r for r in proxy.log(since) if r.mint and r.forwarded]
    assert not [r for r in proxy.log(since) if r.method == "PATCH" and r.path.endswith("/secrets/errand-bot-fixer")]
    agents.eventually(lambda: not agents.owned(kube, ns, g), 10, what="nothing is left of the grant")
    operator.stop()


def test_without_an_operator_a_pods_token_is_dead_700_s_after_its_window():
    """Nobody ends the grant: the webhook admits no renewal after the window, and what was requested before expires."""
    with Installation.of_its_own() as own:
        kube, ns = own.kube, "orphaned"
        operator = own.start_operator()
        prepare(own, ns)
        kube.create(agents.grant(ns, "task", duration="1m"))
        kube.create(agents.job(ns, grant_name="task"))
        g = kube.wait_for("TaskGrant", "task", ns, in_phase("Active"), 30)
        pod = agents.running_pod(kube, ns)
        operator.kill()
        ends = agents.moment(g["status"]["endsAt"])
        tokens = {own.cluster.read(pod, VOLUME, "token")}
        file = own.cluster.volume(pod, VOLUME) / "token"
        while time.time() < ends + 700:
            tokens |= {file.read_text()} if file.is_file() else set()
            time.sleep(5)
        assert kube.get("TaskGrant", "task", ns)["status"]["phase"] == "Active", "nobody was there to end it"
        for token in tokens:
            assert agents.claims(token)["exp"] <= ends + 600
            assert not kube.token_review(token).get("authenticated")
            assert agents.refusal(lambda t=token: kube.with_token(t).list("ConfigMap", ns)) == 401
