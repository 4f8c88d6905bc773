"""The window on a real API server, as each request of the operator shows it: nothing is minted before it and nothing after
it, through restarts too; and at its end what gave rights goes in order, and then the proof is asked for."""
import time

import pytest
from support import agents
from support.agents import account_of, condition, in_phase, in_seconds, moment, refusal
from support.kube import ApiError, eventually
from support.proxy import TOKEN_REVIEWS, FaultProxy, rule
from support.scenarios import behind_a_proxy
from support.users import kubelets_token, operators_hand

NS = "windows"


@pytest.fixture(scope="module", name="place")
def fixture_place():
    """A cluster of its own, whose operator is killed and whose every request is seen."""
    with behind_a_proxy() as (installation, kube, proxy):
        installation.enroll(NS, roles=("reader", "writer"))
        for name in ("reader", "writer"):
            kube.create(agents.role(NS, name))
        kube.create(agents.identity(NS))
        kube.create(agents.deployment(NS))
        kube.create(agents.job(NS, idle=True))
        yield installation, kube, proxy


def mints(proxy, since: int, account: str) -> list[float]:
    """When tokens of the account were asked for, probes aside."""
    return [r.arrived for r in proxy.log(since) if r.mint and f"/serviceaccounts/{account}/" in r.path]


def reviews(proxy, since: int) -> int:
    """How often the API server was asked about a token, and has answered."""
    return sum(r.path == TOKEN_REVIEWS and r.status == 201 for r in proxy.log(since))


def withdrawals(proxy, since: int, g: dict) -> dict[str, list]:
    """By kind, each request by which something of the grant's went or was found gone; kinds in the order of the first."""
    owned = (account_of(g), g["status"].get("secretName", "none"))
    out = {}
    for r in proxy.log(since):
        kind, name = r.path.split("/")[-2:]
        if r.method == "DELETE" and name.startswith(owned) and r.status in (200, 404):
            out.setdefault(kind, []).append(r)
    return out


def assert_one_after_another(steps: list[list]) -> None:
    """That no request of a step was sent before each one of the step before had been answered."""
    for before, after in zip(steps, steps[1:]):
        assert max(r.answered for r in before) <= min(r.arrived for r in after), (before, after)


def test_nothing_is_minted_before_not_before_and_the_start_is_in_time(place):
    installation, kube, proxy = place
    operator, since = installation.start_operator(server=proxy.url), len(proxy.log())
    begin = in_seconds(6)
    kube.create(agents.grant(NS, "later", "Deployment/serve", "Slot", window={"duration": "10m", "notBefore": begin}))
    g = kube.wait_for("TaskGrant", "later", NS, in_phase("Scheduled"))
    assert begin in condition(g, "Ready")["message"]
    assert refusal(lambda: kubelets_token(kube, account_of(g), NS)) == 403, "the webhook keeps it, too"
    user = f"system:serviceaccount:{NS}:{account_of(g)}"
    assert not kube.allowed(user, "list", "configmaps", NS)
    g = kube.wait_for("TaskGrant", "later", NS, in_phase("Active"), 15)
    first, = mints(proxy, since, account_of(g))
    assert 0 <= first - moment(begin) < 3
    assert moment(begin) <= moment(g["status"]["startedAt"]) < moment(begin) + 3
    kube.delete("TaskGrant", "later", NS)
    kube.wait_gone("Secret", "errand-bot-fixer", NS)
    operator.stop()


def test_rights_go_first_then_the_slot_then_the_account_and_then_it_is_proven(place):
    installation, kube, proxy = place
    operator = installation.start_operator(server=proxy.url)
    access = {"roles": [{"name": "reader"}, {"name": "writer"}]}
    kube.create(agents.grant(NS, "ordered", "Deployment/serve", "Slot", access=access))
    g = kube.wait_for("TaskGrant", "ordered", NS, in_phase("Active"))
    assert "finalizers" not in kube.get("Secret", "errand-bot-fixer", NS)["metadata"], "nothing but its deletion is needed"
    since = len(proxy.log())
    kube.patch("TaskGrant", "ordered", NS, {"spec": {"revoke": {"reason": "done"}}})
    g = kube.wait_for("TaskGrant", "ordered", NS, agents.confirmed, 40)
    gone = withdrawals(proxy, since, g)
    assert {kind: len(requests) for kind, requests in gone.items()} == {"rolebindings": 2, "secrets": 1, "serviceaccounts": 1}
    assert_one_after_another([gone[kind] for kind in ("rolebindings", "secrets", "serviceaccounts")])
    assert moment(g["status"]["revocation"]["confirmedAt"]) - moment(g["status"]["endedAt"]) >= 15
    assert reviews(proxy, since) >= 10, "about once a second for 15 s"
    operator.stop()


def test_what_was_passed_on_goes_before_what_it_was_passed_on_from(place):
    installation, kube, proxy = place
    operator = installation.start_operator(server=proxy.url)
    for above, name in ((None, "a"), ("a", "b"), ("b", "c")):
        kube.create(agents.grant(NS, name, **({"parentRef": {"name": above, "relation": "Delegation"}} if above else {})))
    grants = [kube.wait_for("TaskGrant", name, NS, in_phase("Active")) for name in "cba"]
    since = len(proxy.log())
    kube.patch("TaskGrant", "a", NS, {"spec": {"revoke": {"reason": "done"}}})
    for g in grants:
        eventually(lambda: not agents.owned(kube, NS, g), what="nothing is left of the grant")  # noqa: B023
    # The plans of all three withdraw what is below: the first answer says when it was gone.
    gone = [withdrawals(proxy, since, g) for g in grants]
    steps = [of["rolebindings"] for of in gone]
    for before, after in [*zip(steps, steps[1:]), *((of["rolebindings"], of["serviceaccounts"]) for of in gone)]:
        assert min(r.answered for r in before) <= min(r.arrived for r in after), (before, after)
    operator.stop()


def test_a_restart_across_the_end_mints_nothing_and_ends_it(place):
    """Killed in the window, started after it. Meanwhile the status still says Active and each account is still there, and
    the webhook keeps them by its own clock; then everything is withdrawn at once and the end is proven, and in the
    proxy's record nothing was minted after the end."""
    installation, kube, proxy = place
    operator, since = installation.start_operator(server=proxy.url), len(proxy.log())
    kube.create(agents.grant(NS, "short", "Deployment/serve", "Slot", duration="30s"))
    kube.create(agents.grant(NS, "projected", duration="30s"))
    grants = [kube.wait_for("TaskGrant", name, NS, in_phase("Active")) for name in ("short", "projected")]
    tokens = [agents.secret_value(kube, NS, "errand-bot-fixer", "token"), operators_hand(kube).token_request(account_of(grants[1]), NS)]
    assert agents.claims(tokens[0])["exp"] > moment(grants[0]["status"]["endsAt"]) + 500, "a token's least life is 600 s"
    operator.kill()
    time.sleep(max(0.0, max(moment(g["status"]["endsAt"]) for g in grants) + 3 - time.time()))
    for g, token in zip(grants, tokens):
        assert refusal(lambda: kube.with_token(token).list("ConfigMap", NS)) == 200, "nobody has withdrawn it yet"  # noqa: B023
        assert kube.get("TaskGrant", g["metadata"]["name"], NS)["status"]["phase"] == "Active"
        with pytest.raises(ApiError, match="window") as refused:
            kubelets_token(kube, account_of(g), NS)
        assert refused.value.status == 403
    restarted, asked = time.time(), len(proxy.log())
    operator = installation.start_operator(server=proxy.url)
    for g, token in zip(grants, tokens):
        ended = kube.wait_for("TaskGrant", g["metadata"]["name"], NS, in_phase("Expired"), 10)
        assert ended["status"]["endedBecause"] == "WindowClosed" and moment(ended["status"]["endedAt"]) >= restarted - 1
        eventually(lambda: not agents.owned(kube, NS, g), 10, what="nothing is left of the grant")  # noqa: B023
        agents.refused_within(kube, token, 12)
    assert max(mints(proxy, since, account_of(grants[0]))) < moment(grants[0]["status"]["endsAt"])
    for g in grants:
        g = kube.wait_for("TaskGrant", g["metadata"]["name"], NS, agents.confirmed, 40)
        assert g["status"]["revocation"]["confirmedBy"] == "TokenReview", "by the slot's token, and by a probe"
        assert moment(g["status"]["revocation"]["confirmedAt"]) - moment(g["status"]["endedAt"]) >= 15
        assert refusal(lambda: kubelets_token(kube, account_of(g), NS)) in (403, 404)  # noqa: B023
    assert reviews(proxy, asked) >= 2 * 10
    operator.stop()


@pytest.mark.parametrize("status, reason", [(409, "Conflict"), (503, "ServiceUnavailable")])
def test_an_end_that_cannot_be_stored_takes_rights_and_slot_all_the_same(place, status, reason):
    """As by one who writes to the grant without a pause, or by a webhook of others that is away."""
    installation, kube, proxy = place
    name = f"held-{status}"
    operator = installation.start_operator(server=proxy.url)
    kube.create(agents.grant(NS, name, "Deployment/serve", "Slot"))
    g = kube.wait_for("TaskGrant", name, NS, in_phase("Active"))
    agent = kube.with_token(agents.secret_value(kube, NS, "errand-bot-fixer", "token"))
    assert refusal(lambda: agent.list("ConfigMap", NS)) == 200
    proxy.plan(rule("held", "status", method="PATCH", path=f"/apis/errand.dev/v1alpha1/namespaces/{NS}/taskgrants/{name}/status",
                    status=status, reason=reason))
    kube.patch("TaskGrant", name, NS, {"spec": {"revoke": {"reason": "held"}}})
    eventually(lambda: refusal(lambda: agent.list("ConfigMap", NS)) in (401, 403), 3, 0.01, "rights are gone")
    eventually(lambda: agents.owned(kube, NS, g) == [f"ServiceAccount/{account_of(g)}"], 3, 0.05, "the account alone is left")
    assert proxy.state("held")["fired"] >= 1 and kube.get("TaskGrant", name, NS)["status"]["phase"] == "Active"
    proxy.plan()
    g = kube.wait_for("TaskGrant", name, NS, in_phase("Revoked"), 30)
    assert g["status"]["endedBecause"] == "RevokeRequested"
    eventually(lambda: not agents.owned(kube, NS, g), 10, what="nothing is left of the grant")
    kube.wait_for("TaskGrant", name, NS, agents.confirmed, 40)
    operator.stop()


def test_an_end_is_confirmed_once_each_api_server_that_is_listed_refuses(place):
    """Two proxies stand for two API servers; while one does not answer, nothing is proven."""
    installation, kube, proxy = place
    with FaultProxy(installation.cluster) as other:
        operator = installation.start_operator("--proof-server", proxy.url, "--proof-server", other.url, server=proxy.url)
        seen = len(proxy.log())
        kube.create(agents.grant(NS, "witnessed", "Deployment/serve", "Slot"))
        kube.wait_for("TaskGrant", "witnessed", NS, in_phase("Active"))
        other.plan(rule("away", "status", method="POST", path=TOKEN_REVIEWS, status=503))
        kube.patch("TaskGrant", "witnessed", NS, {"spec": {"revoke": {"reason": "test"}}})
        ended = moment(kube.wait_for("TaskGrant", "witnessed", NS, in_phase("Revoked"))["status"]["endedAt"])
        eventually(lambda: other.state("away")["fired"] >= 2, 40, what="the second one is asked")
        time.sleep(max(0.0, ended + 20 - time.time()))
        assert not agents.confirmed(kube.get("TaskGrant", "witnessed", NS)), "the first one alone has refused it"
        other.plan()
        g = kube.wait_for("TaskGrant", "witnessed", NS, agents.confirmed, 60)
        assert g["status"]["revocation"]["confirmedBy"] == "TokenReview"
        for server, since in ((proxy, seen), (other, 0)):
            assert reviews(server, since) >= 10
        operator.stop()


def test_what_fails_in_the_window_does_not_hold_up_its_end(place):
    """A leased Secret that grows too large for the slot: the write is refused again and again, with a backoff."""
    installation, kube, proxy = place
    operator = installation.start_operator(server=proxy.url)
    kube.create(agents.leasable(NS))
    kube.create(agents.grant(NS, "grown", "Deployment/serve", "Slot", duration="35s",
                             access={"roles": [{"name": "reader"}], "secrets": [{"name": "ticketing"}]}))
    g = kube.wait_for("TaskGrant", "grown", NS, in_phase("Active"))
    agent = kube.with_token(agents.secret_value(kube, NS, "errand-bot-fixer", "token"))
    kube.patch("Secret", "ticketing", NS, {"stringData": {"key": "v" * 1_048_500}})
    kube.wait_for("TaskGrant", "grown", NS, agents.stalled("spec.access.secrets: what is leased cannot be written"), 10)
    end = moment(g["status"]["endsAt"])
    time.sleep(max(0.0, end - time.time()))
    eventually(lambda: refusal(lambda: agent.list("ConfigMap", NS)) in (401, 403), 3, 0.05, "rights are gone at the end")
    kube.wait_for("TaskGrant", "grown", NS, in_phase("Expired"), 3)
    kube.delete("Secret", "ticketing", NS)
    operator.stop()


def test_one_deletion_that_a_policy_refuses_keeps_nothing_else(place):
    installation, kube, proxy = place
    operator = installation.start_operator(server=proxy.url)
    kube.create(agents.grant(NS, "kept", "Deployment/serve", "Slot"))
    g = kube.wait_for("TaskGrant", "kept", NS, in_phase("Active"))
    token = agents.secret_value(kube, NS, "errand-bot-fixer", "token")
    binding = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{NS}/rolebindings/{account_of(g)}.*"
    proxy.plan(rule("refused", "status", method="DELETE", path=binding, status=422, reason="Invalid"))
    kube.patch("TaskGrant", "kept", NS, {"spec": {"revoke": {"reason": "test"}}})
    kube.wait_for("TaskGrant", "kept", NS, agents.stalled("let the operator's account pass whatever refuses it"), 10)
    left = [f"RoleBinding/{b['metadata']['name']}" for b in kube.list("RoleBinding", NS) if account_of(g) in b["metadata"]["name"]]
    eventually(lambda: agents.owned(kube, NS, g) == left, 5, what="the binding alone is left")
    agents.refused_within(kube, token, 12)
    proxy.plan()
    g = kube.wait_for("TaskGrant", "kept", NS, agents.confirmed, 90)
    assert condition(g, "Stalled")["status"] == "False" and not agents.owned(kube, NS, g)
    operator.stop()
