"""What exactly a grant is for, on a real API server: digests, the pinned scope, and its drift before and after the start."""
import pytest
from support import agents
from support.agents import condition, in_phase
from support.kube import ApiError, eventually

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


def test_a_cluster_role_holds_in_the_grants_namespace_alone_and_its_drift_ends_the_grant(kube, installation, world):
    rules = [{"apiGroups": [""], "resources": ["configmaps", "nodes"], "verbs": ["get", "list"]}]
    kube.create({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": f"of-{world}"}, "rules": rules})
    installation.enroll(world, cluster_roles=(f"of-{world}",))
    access = {"clusterRoles": [{"name": f"of-{world}"}]}
    kube.patch("AgentIdentity", "bot", world, {"spec": agents.identity(world, access=access)["spec"]})
    kube.create(agents.grant(world, "task", "Deployment/serve", "Slot", access=access))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Active"), 25)
    assert [r["name"] for r in g["status"]["effective"]["clusterRoles"]] == [f"of-{world}"]
    agent = kube.with_token(agents.secret_value(kube, world, "errand-bot-fixer", "token"))
    for kind, where, answer in (("ConfigMap", world, 200), ("ConfigMap", "default", 403), ("ConfigMap", None, 403), ("Node", None, 403)):
        assert agents.refusal(lambda: agent.list(kind, where)) == answer, (kind, where)  # noqa: B023
    assert agents.account_of(g) not in str(kube.list("ClusterRoleBinding"))
    kube.patch("ClusterRole", f"of-{world}", None, {"rules": rules + agents.role(world, verbs=("delete",))["rules"]})
    ended(kube, world, f"the rules of ClusterRole of-{world} changed")
    kube.delete("ClusterRole", f"of-{world}")


def test_a_digest_is_of_the_very_grant_and_of_nothing_that_may_change(kube, world):
    for name in ("one", "two"):
        kube.create(agents.grant(world, name, "Deployment/absent", "Slot"))
    grants = [kube.wait_for("TaskGrant", name, world, lambda g: g["status"].get("digest")) for name in ("one", "two")]
    one, two = (g["status"]["digest"] for g in grants)
    assert one != two
    kube.patch("TaskGrant", "one", world, {"metadata": {"labels": {"team": "a"}, "annotations": {"note": "b"}}})
    kube.patch("TaskGrant", "one", world, {"spec": {"revoke": {"reason": "done"}}})
    g = kube.wait_for("TaskGrant", "one", world, in_phase("Revoked"))
    assert g["status"]["observedGeneration"] == g["metadata"]["generation"] and g["status"]["digest"] == one


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
    kube.create(agents.grant(world, "task", "Deployment/serve", "Slot", window={"duration": "10m", "notBefore": agents.in_seconds(3600)}))
    first = kube.wait_for("TaskGrant", "task", world, lambda g: g.get("status", {}).get("effective", {}).get("templateDigest"))
    kube.patch("Role", "reader", world, {"rules": agents.role(world, verbs=("get",))["rules"]})
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
