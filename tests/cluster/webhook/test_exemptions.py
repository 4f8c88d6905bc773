"""Exemptions on a real API server: who may write one, for how long, and what it lets pass."""
import datetime

import pytest
from support.crdcases import exemption
from support.kube import ApiError, Kube, eventually
from support.users import passing_hand, rule, user

pytestmark = pytest.mark.usefixtures("webhook")

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "labels": {"app": "web"}},
       "spec": {"hostNetwork": True, "containers": [{"name": "app", "image": "localhost/app:1"}]}}


def days(count: float) -> str:
    at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=count)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def refusal(call) -> ApiError:
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value


def refused(kube: Kube, namespace: str, body: dict) -> bool:
    try:
        kube.create(body, namespace, dry_run=True)
    except ApiError as error:
        assert "[SC202]" in error.message, error
        return True
    return False


@pytest.fixture(name="ready")
def fixture_ready(kube, namespace):
    eventually(lambda: kube.find("ServiceAccount", "default", namespace), what="the default account")
    return namespace


def test_what_is_exempt_is_admitted_until_the_exemption_ends(kube, webhook, ready):
    assert refused(kube, ready, POD)
    kube.create(exemption(), ready)
    eventually(lambda: not refused(kube, ready, POD), 10, 0.1, "the webhook knows the exemption")
    assert webhook.metric('errand_exempted_findings_total{rule="SC202"}') >= 1
    other = {**POD, "metadata": {"name": "db", "labels": {"app": "db"}}}
    assert refused(kube, ready, other)
    # It may be ended, and then ends by the webhook's own clock.
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=3)
    kube.patch("Exemption", "old-web", ready, {"spec": {"expiresAt": end.strftime("%Y-%m-%dT%H:%M:%SZ")}})
    eventually(lambda: refused(kube, ready, POD), 10, 0.2, "the exemption has ended")
    assert kube.find("Exemption", "old-web", ready) is not None


def test_a_workload_is_exempt_by_its_template(kube, ready):
    pod = {"metadata": {"labels": POD["metadata"]["labels"]}, "spec": POD["spec"]}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
                  "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": pod}}
    assert refused(kube, ready, deployment)
    kube.create(exemption(), ready)
    eventually(lambda: not refused(kube, ready, deployment), 10, 0.1, "the webhook knows the exemption")


def test_no_exemption_gives_a_token_without_an_end_to_an_agents_account(kube, ready):
    """Who may edit the namespace, with an Exemption of SC401 for a Secret of that name."""
    editor = user(kube, ready, "editor", rule("", "secrets", "create delete"))
    secret = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
              "metadata": {"name": "ci", "annotations": {"kubernetes.io/service-account.name": "default"}}}
    assert "[SC401]" in refusal(lambda: editor.create(secret, ready)).message
    kube.create(exemption(("spec/rules", [{"name": "SC401"}]), ("spec/objects", [{"kind": "Secret", "name": "ci"}])), ready)
    eventually(lambda: allowed(lambda: editor.create(secret, ready)), 10, 0.2, "the webhook knows the exemption")
    editor.delete("Secret", "ci", ready)
    for account in ("errand-g.0123456789abcdef0123", "errand-a.bot.fixer"):
        passing_hand(kube).create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account}}, ready)
        secret["metadata"]["annotations"]["kubernetes.io/service-account.name"] = account
        assert "[SC404]" in refusal(lambda: editor.create(secret, ready)).message


def test_an_exemption_needs_the_verb_exempt(kube, ready):
    user = "writer-" + ready
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": user},
            "rules": [{"apiGroups": ["errand.dev"], "resources": ["exemptions"], "verbs": ["*"]}]}
    subject = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}
    bound = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": user},
             "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": user}, "subjects": [subject]}
    kube.create(role)
    kube.create(bound)
    writer = kube.as_user(user)

    def told() -> str:
        return refusal(lambda: writer.create(exemption(), ready)).message

    assert eventually(lambda: "verb exempt" in told(), 10, 0.2, "RBAC lets the writer come to the policy")
    kube.create(exemption(), ready)
    assert "verb exempt" in refusal(lambda: writer.patch("Exemption", "old-web", ready, {"spec": {"expiresAt": days(80)}})).message
    writer.patch("Exemption", "old-web", ready, {"metadata": {"labels": {"more": "labels"}}})
    more = {**bound, "metadata": {"name": user + "-more"}, "roleRef": {**bound["roleRef"], "name": "errand-exempter"}}
    kube.create(more)
    longer = {"spec": {"expiresAt": days(70)}}
    eventually(lambda: allowed(lambda: writer.patch("Exemption", "old-web", ready, longer)), 10, 0.2, "the exempter may")
    for name in (user, user + "-more"):
        kube.delete("ClusterRoleBinding", name)


def allowed(call) -> bool:
    try:
        call()
    except ApiError:
        return False
    return True


def test_ninety_days_are_the_most(kube, ready):
    error = refusal(lambda: kube.create(exemption(("spec/expiresAt", days(91))), ready))
    assert error.status == 422 and "more than 90 days" in error.message
    kube.create(exemption(("spec/expiresAt", days(89.9))), ready)
    error = refusal(lambda: kube.patch("Exemption", "old-web", ready, {"spec": {"expiresAt": days(91)}}))
    assert "more than 90 days" in error.message
    # Also where nothing is enrolled: it would count after enrolment.
    assert "more than 90 days" in refusal(lambda: kube.create(exemption(("spec/expiresAt", days(91))), "default")).message
