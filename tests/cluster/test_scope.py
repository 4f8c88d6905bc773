"""What exactly a grant is for, on a real API server: digests, the pinned scope, and its drift before and after the start."""
import pytest

import agents
from agents import condition, in_phase
from kube import ApiError, eventually

pytestmark = pytest.mark.usefixtures("operator", "webhook")

DIGEST = "v1:sha256:"


@pytest.fixture
def world(kube, namespace):
    agents.declare(kube, namespace)
    kube.create(agents.deployment(namespace))
    return namespace


def active(kube, ns: str) -> dict:
    kube.create(agents.grant(ns, "task", "Deployment/serve", "Slot"))
    return kube.wait_for("TaskGrant", "task", ns, in_phase("Active"))


def ended(kube, ns: str, text: str) -> None:
    g = kube.wait_for("TaskGrant", "task", ns, in_phase("Revoked"))
    assert g["status"]["endedBecause"] == "ScopeChanged"
    assert text in condition(g, "Ready")["message"]
    eventually(lambda: not agents.owned(kube, ns, g), what="nothing of the grant is left")


def test_status_says_what_the_names_stand_for(kube, world):
    status = active(kube, world)["status"]
    assert status["digest"].startswith(DIGEST) and status["effective"]["digest"].startswith(DIGEST)
    assert status["effectiveRisk"] == "High"
    assert [r["name"] for r in status["effective"]["roles"]] == ["reader"]
    assert status["workload"]["uid"] == kube.get("Deployment", "serve", world)["metadata"]["uid"]
    assert status["workload"]["templateDigest"] == status["effective"]["templateDigest"]


def test_a_role_that_gets_more_rules_ends_the_grant(kube, world):
    active(kube, world)
    wider = agents.role(world, verbs=("get", "list", "delete"))
    kube.patch("Role", "reader", world, {"rules": wider["rules"]})
    ended(kube, world, "the rules of Role reader changed")


def test_another_template_is_refused_and_ends_the_grant_where_nobody_was_asked(kube, installation, world):
    active(kube, world)
    another = {"spec": {"template": {"metadata": {"annotations": {"another": "one"}}}}}
    with pytest.raises(ApiError, match="SC111"):
        kube.patch("Deployment", "serve", world, another)
    with installation.unguarded(world):
        eventually(lambda: kube.patch("Deployment", "serve", world, another), 20, 0.2, "the API server no longer asks")
    ended(kube, world, "the pod template of Deployment serve changed")


def test_a_workload_that_only_scales_is_the_same(kube, world):
    active(kube, world)
    kube.patch("Deployment", "serve", world, {"spec": {"replicas": 2}})
    kube.wait_for("Deployment", "serve", world, lambda d: d["status"].get("replicas") == 2, 30)
    assert kube.get("TaskGrant", "task", world)["status"]["phase"] == "Active"


def test_drift_before_the_start_is_said_and_the_scope_taken_anew(kube, world):
    kube.create(agents.grant(world, "task", "Deployment/serve", "Slot", window={"duration": "10m", "notBefore": "2099-01-01T00:00:00Z"}))
    first = kube.wait_for("TaskGrant", "task", world, lambda g: g.get("status", {}).get("effective", {}).get("templateDigest"))
    account = agents.account_of(first)
    pinned = kube.wait_for("ServiceAccount", account, world, lambda a: a["metadata"].get("annotations", {}).get("errand.dev/scope"))
    kube.patch("Role", "reader", world, {"rules": agents.role(world, verbs=("get",))["rules"]})
    scope = pinned["metadata"]["annotations"]["errand.dev/scope"]
    kube.wait_for("ServiceAccount", account, world, lambda a: a["metadata"]["annotations"]["errand.dev/scope"] != scope)
    # The account first, then the status: a crash between them pins nothing that was not said.
    g = kube.wait_for("TaskGrant", "task", world, lambda g: g["status"]["effective"]["digest"] != first["status"]["effective"]["digest"])
    assert g["status"]["phase"] == "Scheduled"
    assert g["status"]["digest"] == first["status"]["digest"]
    eventually(lambda: any(e["reason"] == "ScopeChanged" and "the rules of Role reader" in e["note"]
                           for e in kube.list("Event", world)), 30, what="it is told")


def test_a_role_that_comes_later_is_noticed_at_once(kube, world):
    kube.create(agents.grant(world, "task", "Deployment/serve", "Slot", access={"roles": [{"name": "writer"}]}))
    kube.wait_for("TaskGrant", "task", world, agents.stalled('no Role "writer"'))
    kube.create(agents.role(world, "writer"))
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"), 5)


def test_revocation_says_how_long_it_took(kube, world, operator):
    def counted(stage: str) -> float:
        try:
            return operator.metric(f'errand_revocation_seconds_count{{stage="{stage}"}}')
        except KeyError:
            return 0

    before = [counted("rights"), counted("token")]
    active(kube, world)
    kube.patch("TaskGrant", "task", world, {"spec": {"revoke": {"reason": "done"}}})
    g = kube.wait_for("TaskGrant", "task", world, agents.confirmed, 60)
    revocation = g["status"]["revocation"]
    assert revocation["confirmedBy"] == "TokenReview"
    assert 0 <= revocation["rightsGoneMilliseconds"] < 2000
    assert revocation["tokenRefusedMilliseconds"] < 13000
    eventually(lambda: counted("rights") > before[0] and counted("token") > before[1], 5, what="both are in the histogram")
