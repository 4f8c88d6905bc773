"""Who may ask, on a real API server, as real RBAC users; and attacks on the seal."""
import copy
import json
import uuid

import pytest

import agents
from agents import condition, in_phase, stalled
from kinds import collection
from kube import MERGE, ApiError, eventually
from users import CREATE_GRANTS, CREATE_WORKLOADS, allow, ours, person, rule

pytestmark = pytest.mark.usefixtures("operator", "webhook")

REQUESTER, SEAL = "errand.dev/requester", "errand.dev/seal"


@pytest.fixture
def world(kube, namespace):
    """An identity with its role, ready."""
    agents.declare(kube, namespace)
    return namespace


@pytest.fixture
def alice(kube, world):
    """May request the bot."""
    return person(kube, world, "alice", CREATE_GRANTS, ours("request", "bot"))


def who(grant: dict) -> dict:
    return json.loads(grant["metadata"]["annotations"][REQUESTER])


def denied(kube, ns, name="task") -> dict:
    g = kube.wait_for("TaskGrant", name, ns, in_phase("Denied"))
    assert agents.owned(kube, ns, g) == []
    return g


@pytest.fixture
def unguarded(kube, installation, namespace):
    """Creates what no webhook of ours has seen; afterwards they are asked again."""

    def without(create):
        with installation.unguarded(namespace):
            made = eventually(lambda: _unseen(create), 20, 0.2, "the API server no longer asks")
        sealed_again(kube)
        return made

    return without


def sealed_again(kube) -> None:
    probe = agents.grant("default", "probe")
    eventually(lambda: SEAL in kube.create(copy.deepcopy(probe), dry_run=True)["metadata"].get("annotations", {}),
               20, 0.2, "the API server has grants sealed again")


def _unseen(create):
    """Whether admission left alone what was created; if not, it is tried again under that name."""
    made, mine = create()
    return made if made["metadata"].get("annotations", {}).get(SEAL) == mine else None


def test_a_grant_says_who_asked_and_starts(kube, world, alice):
    g = alice.create(agents.grant(world, "task"))
    assert who(g)["username"] == f"alice.{world}" and "system:authenticated" in who(g)["groups"]
    kube.create(agents.job(world, suspend=True))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    assert g["status"]["requestedBy"] == f"alice.{world}"
    nonce = json.loads(g["metadata"]["annotations"][SEAL])["nonce"]
    account = kube.get("ServiceAccount", agents.account_of(g), world)
    assert account["metadata"]["labels"]["errand.dev/seal-nonce"] == nonce
    eventually(lambda: [e for e in kube.list("Event", world) if f"asked for by alice.{world}" in e.get("note", e.get("message", ""))],
               what="an event says who asked")


def test_who_may_not_request_is_refused_with_the_rule(kube, world):
    bob = person(kube, world, "bob", CREATE_GRANTS, ours("request", "other"))
    with pytest.raises(ApiError) as refused:
        bob.create(agents.grant(world, "task"))
    assert refused.value.status == 403
    assert (f'spec.agentIdentityRef.name: user "bob.{world}" may not request agentidentities.errand.dev "bot" in namespace '
            f'"{world}"') in refused.value.message
    assert "ClusterRole errand-requester" in refused.value.message
    assert kube.find("TaskGrant", "task", world) is None


def test_who_lost_the_verb_before_the_start_is_denied(kube, world, alice):
    kube.create(agents.job(world, suspend=True))
    alice.create(agents.grant(world, "task", window={"duration": "10m", "notBefore": agents.in_seconds(6)}))
    kube.wait_for("TaskGrant", "task", world, in_phase("Scheduled"))
    allow(kube, world, f"alice.{world}", CREATE_GRANTS)
    g = denied(kube, world)
    assert g["status"]["endedBecause"] == "RequesterMayNot"
    assert f'user "alice.{world}", who asked, may not request' in condition(g, "Ready")["message"]


def test_impersonation_asks_as_whom_it_says(kube, world, alice):
    done = kube.kubectl("create", "--as", f"alice.{world}", "-f", "-", "-o", "json",
                        stdin=json.dumps(agents.grant(world, "task")))
    assert who(json.loads(done.stdout))["username"] == f"alice.{world}"


def test_what_the_author_claims_is_replaced(kube, world, alice):
    forged = agents.grant(world, "task")
    forged["metadata"]["annotations"] = {REQUESTER: '{"username":"admin"}', SEAL: '{"keyID":"x"}'}
    g = alice.create(forged)
    assert who(g)["username"] == f"alice.{world}"


@pytest.mark.parametrize("way", ["dry-run", "generateName", "apply"])
def test_each_way_to_create_is_sealed(kube, world, alice, way):
    g = agents.grant(world, "task")
    if way == "dry-run":
        assert who(alice.create(g, dry_run=True))["username"] == f"alice.{world}"
        assert kube.find("TaskGrant", "task", world) is None
        return
    if way == "generateName":
        g["metadata"] = {"generateName": "task-", "namespace": world}
        made = alice.create(g)
    else:
        made = alice.apply(g)
        again = alice.apply(g)
        assert again["metadata"]["annotations"] == made["metadata"]["annotations"]
    kube.create(agents.job(world, suspend=True))
    kube.wait_for("TaskGrant", made["metadata"]["name"], world, in_phase("Active"))


@pytest.mark.parametrize("change", [
    {"metadata": {"annotations": {REQUESTER: '{"username":"admin"}'}}},
    {"metadata": {"annotations": {SEAL: None}}},
    {"metadata": {"annotations": None}},
], ids=["forge", "remove", "remove-all"])
def test_nobody_touches_the_seal_afterwards(kube, world, alice, change):
    alice.create(agents.grant(world, "task"))
    for user in (alice, kube):
        with pytest.raises(ApiError, match="say who asked for this grant and never change"):
            user.patch("TaskGrant", "task", world, change)
    alice.patch("TaskGrant", "task", world, {"metadata": {"annotations": {"note": "mine"}}})


def test_the_validating_half_asks_for_the_seal_of_this_very_request(kube, installation, world, alice):
    """As where another webhook, or who may change configurations, has taken the mutating half away."""
    mallory = person(kube, world, "mallory", CREATE_GRANTS, ours("request", "bot"))
    seal = alice.create(agents.grant(world, "task"), dry_run=True)["metadata"]["annotations"]

    def refused(client, **spec) -> str:
        body = agents.grant(world, "task", **spec)
        body["metadata"]["annotations"] = {key: seal[key] for key in (REQUESTER, SEAL)}
        with pytest.raises(ApiError) as error:
            client.create(body)
        assert error.value.status == 403
        return error.value.message

    def unsealed_is_refused() -> bool:
        try:
            alice.create(agents.grant(world, "task"), dry_run=True)
        except ApiError as error:
            return "the mutating webhook has not sealed this request" in error.message
        return False

    with installation.unguarded(world, ("MutatingWebhookConfiguration",)):
        eventually(unsealed_is_refused, 20, 0.2, "a grant that nobody sealed is refused")
        assert "errand.dev/seal is of another request, by another user" in refused(mallory)
        assert "has not sealed this request" in refused(alice, window={"duration": "1h"})
        own = agents.grant(world, "task")
        own["metadata"]["annotations"] = seal
        alice.create(own)
    sealed_again(kube)


def test_a_grant_that_admission_never_saw_is_denied(kube, world, unguarded):
    g = unguarded(lambda: (kube.create(agents.grant(world, f"task-{uuid.uuid4().hex[:6]}")), None))
    ended = denied(kube, world, g["metadata"]["name"])
    assert ended["status"]["endedBecause"] == "Unsealed"
    assert "create it again while the webhook serves" in condition(ended, "Ready")["message"]


@pytest.mark.parametrize("attack", ["edited-spec", "other-name", "other-namespace", "replayed-generated", "deleted-and-late",
                                    "own-key"])
def test_a_seal_serves_its_own_grant_alone(kube, installation, world, alice, unguarded, attack):
    source = agents.grant(world, "task")
    if attack == "replayed-generated":
        source["metadata"] = {"generateName": "task-", "namespace": world}
    first = alice.create(source)
    annotations = {key: first["metadata"]["annotations"][key] for key in (REQUESTER, SEAL)}
    ns, expected = world, {"SealBroken"}
    if attack == "other-namespace":
        ns = "t-" + uuid.uuid4().hex[:10]
        installation.enroll(ns, roles=("reader",))
        kube.create(agents.role(ns))
        kube.create(agents.identity(ns))
    elif attack == "replayed-generated":
        kube.wait_for("TaskGrant", first["metadata"]["name"], world, lambda g: g["status"].get("serviceAccountName"))
        expected = {"SealReplayed"}
    elif attack == "deleted-and-late":
        kube.wait_for("TaskGrant", "task", world, lambda g: g["status"].get("serviceAccountName"))
        kube.delete("TaskGrant", "task", world)
        kube.wait_gone("TaskGrant", "task", world)
        expected = {"SealReplayed"}
    elif attack == "own-key":
        annotations[SEAL], expected = _by_a_foreign_key(annotations[SEAL]), {"SealKeyUnknown"}
    tries = []

    def create():
        name = f"task-{uuid.uuid4().hex[:6]}"
        stolen = agents.grant(ns, name)
        stolen["metadata"]["annotations"] = annotations
        if attack in ("edited-spec", "deleted-and-late"):
            stolen["metadata"]["name"] = "task"
            kube.delete("TaskGrant", "task", ns, missing_ok=True)
            kube.wait_gone("TaskGrant", "task", ns)
        if attack == "edited-spec":
            stolen["spec"]["window"]["duration"] = "1h"
        if attack == "replayed-generated":
            stolen["metadata"]["generateName"] = "task-"
        made = kube.create(stolen)
        tries.append(made["metadata"]["name"])
        return made, annotations[SEAL]

    unguarded(create)
    g = denied(kube, ns, tries[-1])
    assert g["status"]["endedBecause"] in expected


def _by_a_foreign_key(seal: str) -> str:
    return json.dumps({**json.loads(seal), "keyID": "0123456789abcdef"})


def test_a_service_account_says_until_when(kube, world):
    name = f"system:serviceaccount:{world}:default"
    robot = kube.as_user(name)
    allow(kube, world, name.replace(".", "-"), CREATE_GRANTS, ours("request"))
    with pytest.raises(ApiError, match="spec.window.notAfter: is required of a ServiceAccount"):
        robot.create(agents.grant(world, "task"))
    robot.create(agents.grant(world, "task", window={"duration": "10m", "notAfter": agents.in_seconds(3600)}))


def test_the_author_of_an_identity_holds_what_it_gives(kube, world):
    author = rule("errand.dev", "agentidentities", "create patch get")
    roles = "rbac.authorization.k8s.io"
    carol = person(kube, world, "carol", author, rule(roles, "roles", "bind", names="reader"))
    narrow = agents.identity(world, "own", access={"roles": [{"name": "reader"}]}, slot=None)
    carol.create(narrow)
    wide = copy.deepcopy(narrow)["spec"]["toolClasses"]
    wide[0]["access"] = {"roles": [{"name": "reader"}, {"name": "writer"}], "clusterRoles": [{"name": "view"}],
                         "secrets": [{"name": "ticketing"}]}
    with pytest.raises(ApiError) as refused:
        carol.patch("AgentIdentity", "own", world, {"spec": {"toolClasses": wide}})
    for part in ('spec.toolClasses[0].access.roles[1]: user "carol', 'may not bind roles.rbac.authorization.k8s.io "writer"',
                 'may not bind clusterroles.rbac.authorization.k8s.io "view"', 'may not get secrets "ticketing"'):
        assert part in refused.value.message
    assert '"reader"' not in refused.value.message
    carol.patch("AgentIdentity", "own", world, {"spec": {"state": "Suspended"}})
    allow(kube, world, f"carol.{world}", author)

    def said(**change) -> str:
        try:
            carol.request("PATCH", collection("AgentIdentity", world, "own"), {"spec": change}, MERGE, dryRun="All")
        except ApiError as error:
            return error.message
        return ""

    for change in ({"state": "Enabled"}, {"state": "Enabled", "podSelector": {"matchLabels": {"app": None}}}):
        eventually(lambda: "gives more than before, and who lets an agent have a role must be allowed to bind it"
                   in said(**change), 10, 0.2, "whoever opens it is asked for what it has")  # noqa: B023
    allow(kube, world, f"carol.{world}", author, rule(roles, "roles", "bind", names="reader writer"),
          rule(roles, "clusterroles", "bind", names="view"), rule("", "secrets", "get", names="ticketing"))
    eventually(lambda: carol.patch("AgentIdentity", "own", world, {"spec": {"toolClasses": wide}}), 10)


def test_a_slot_is_one_identitys_alone(kube, world):
    mine = agents.identity(world, "aaa", app="aaa", access={}, slot={"secretName": "errand-bot-fixer"})
    message = ('spec.toolClasses[0].slot.secretName: "errand-bot-fixer" is the slot of tool class "fixer" of AgentIdentity "bot"; '
               "choose a name that no other has")
    carol = person(kube, world, "carol", rule("errand.dev", "agentidentities", "create patch"))
    with pytest.raises(ApiError) as refused:
        carol.create(mine)
    assert refused.value.status == 403 and message in refused.value.message
    carol.create(agents.identity(world, "aaa", app="aaa", access={}))
    with pytest.raises(ApiError) as refused:
        carol.patch("AgentIdentity", "aaa", world, {"spec": {"toolClasses": mine["spec"]["toolClasses"]}})
    assert refused.value.status == 403 and message in refused.value.message


def test_a_slot_that_two_identities_name_is_mounted_and_filled_for_neither(kube, world, unguarded):
    """As after a claim that admission let pass before it knew of the other identity."""
    kube.create(agents.deployment(world))
    eventually(lambda: kube.list("Pod", world, labels="app=bot"), what="the agent runs")
    claims = agents.identity(world, "aaa", app="aaa", access={}, slot={"secretName": "errand-bot-fixer"})
    unguarded(lambda: (kube.create(claims), None))
    for app, other in (("aaa", "bot"), ("bot", "aaa")):
        with pytest.raises(ApiError, match=f'"slot" is the slot of tool class "fixer" of AgentIdentity "{other}"') as refused:
            kube.create(agents.deployment(world, "thief", app))
        assert "[SC111]" in refused.value.message
    kube.create(agents.grant(world, "task", "Deployment/serve", "Slot"))
    kube.wait_for("TaskGrant", "task", world, stalled("errand-bot-fixer is the slot of tool class fixer of AgentIdentity aaa, too"))
    assert kube.find("Secret", "errand-bot-fixer", world) is None
    kube.delete("AgentIdentity", "aaa", world)
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"), 30)


def test_the_label_of_a_secret_alone_opens_it_to_nobody(kube, world):
    """Who may write a Secret and not read it can make it leasable; no identity of theirs may name it."""
    kube.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "payroll", "namespace": world}, "stringData": {"key": "s"}})
    erin = person(kube, world, "erin", rule("errand.dev", "agentidentities", "create patch get request run"), CREATE_GRANTS,
                  rule("", "secrets", "patch"), rule("rbac.authorization.k8s.io", "roles clusterroles", "bind"), *CREATE_WORKLOADS)
    erin.patch("Secret", "payroll", world, {"metadata": {"labels": {"errand.dev/leasable": "true"}}})
    reach = agents.identity(world, "reach", app="reach", access={"secrets": [{"name": "payroll"}]})
    with pytest.raises(ApiError, match='may not get secrets "payroll"'):
        erin.create(reach)
    reach["spec"]["toolClasses"][0]["access"] = {}
    erin.create(reach)
    for patch in ({"spec": {"toolClasses": agents.identity(world, access={"secrets": [{"name": "payroll"}]})["spec"]["toolClasses"]}},
                  [{"op": "replace", "path": "/spec/toolClasses/0", "value":
                    {"name": "other", "risk": "Low", "maxDuration": "1h", "access": {"secrets": [{"name": "payroll"}]}}}]):
        with pytest.raises(ApiError, match='may not get secrets "payroll"'):
            erin.patch("AgentIdentity", "reach", world, patch)
    erin.create(agents.deployment(world, app="reach", secret="errand-reach-fixer"))
    erin.create(agents.grant(world, "task", "Deployment/serve", "Slot", agent="reach", access={"secrets": [{"name": "payroll"}]}))
    kube.wait_for("TaskGrant", "task", world, stalled("payroll"))
    assert kube.find("Secret", "errand-reach-fixer", world) is None


def test_an_identity_is_asked_about_before_its_namespace_takes_part(kube, installation):
    """Enrolling a namespace must not turn what anybody wrote there into a ceiling."""
    del installation
    ns = "t-" + uuid.uuid4().hex[:10]
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}})
    carol = person(kube, ns, "carol", rule("errand.dev", "agentidentities", "create"))
    with pytest.raises(ApiError) as refused:
        carol.create(agents.identity(ns))
    assert 'may not get secrets "ticketing"' in refused.value.message and "may not bind roles" in refused.value.message


def test_a_grants_account_asks_under_its_own_grant_alone(kube, world):
    kube.patch("Role", "reader", world, {"rules": [CREATE_GRANTS, ours("request")]})
    kube.create(agents.job(world, suspend=True))
    kube.create(agents.deployment(world))
    kube.create(agents.grant(world, "beside"))
    kube.create(agents.grant(world, "above", "Deployment/serve", "Slot"))
    kube.wait_for("TaskGrant", "above", world, in_phase("Active"))
    agent = kube.with_token(agents.secret_value(kube, world, "errand-bot-fixer", "token"))
    window = {"duration": "5m", "notAfter": agents.in_seconds(3600)}
    for parent in ({}, {"parentRef": {"name": "beside", "relation": "Delegation"}}):
        with pytest.raises(ApiError, match="so that must be the parent"):
            agent.create(agents.grant(world, "below", window=window, **parent))
    agent.create(agents.grant(world, "below", window=window, parentRef={"name": "above", "relation": "Delegation"}))
    kube.wait_for("TaskGrant", "below", world, in_phase("Active"))


def test_who_makes_a_workload_of_an_agent_needs_run(kube, world):
    kube.create(agents.grant(world, "task", "Job/fix"))
    dave = person(kube, world, "dave", *CREATE_WORKLOADS)
    for workload, reason in ((agents.job(world, "other", grant_name="task"), 'its pods are for TaskGrant "task"'),
                             (agents.job(world), 'TaskGrant "task" names it'),
                             (agents.job(world, "later", grant_name="later"), "create the TaskGrant first"),
                             (agents.deployment(world), 'its pods run as "errand-a.bot.fixer"')):
        with pytest.raises(ApiError) as refused:
            dave.create(workload)
        assert reason in refused.value.message and f'user "dave.{world}" may not run' in refused.value.message
    dave.create(agents.job(world, "unrelated", suspend=True))
    allow(kube, world, f"dave.{world}", *CREATE_WORKLOADS, ours("run", "bot"))
    eventually(lambda: dave.create(agents.deployment(world)), 10)
    eventually(lambda: dave.create(agents.job(world, grant_name="task")), 10)
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))


def test_who_changes_the_template_of_an_agents_workload_needs_run(kube, world):
    kube.create(agents.deployment(world))
    dave = person(kube, world, "dave", *CREATE_WORKLOADS)
    note = {"spec": {"template": {"metadata": {"annotations": {"note": "mine"}}}}}
    with pytest.raises(ApiError, match=f'its pods run as "errand-a.bot.fixer": user "dave.{world}" may not run') as refused:
        dave.patch("Deployment", "serve", world, note)
    assert refused.value.status == 403
    dave.patch("Deployment", "serve", world, {"spec": {"replicas": 2}})
    allow(kube, world, f"dave.{world}", *CREATE_WORKLOADS, ours("run", "bot"))
    eventually(lambda: dave.patch("Deployment", "serve", world, note), 10)


def test_a_harmless_cron_job_does_not_become_an_agents(kube, world):
    """Its template lies deeper than that of other workloads."""
    kube.create(agents.grant(world, "task"))
    dave = person(kube, world, "dave", *CREATE_WORKLOADS)
    dave.create(agents.cron_job(world))
    slot = agents.deployment(world)["spec"]["template"]
    slot["spec"]["restartPolicy"] = "Never"
    label = {"metadata": {"labels": {"errand.dev/task-grant": "task"}}}
    for template, reason in ((slot, 'its pods run as "errand-a.bot.fixer"'), (label, 'its pods are for TaskGrant "task"')):
        with pytest.raises(ApiError) as refused:
            dave.patch("CronJob", "nightly", world, {"spec": {"jobTemplate": {"spec": {"template": template}}}})
        assert refused.value.status == 403
        assert f'CronJob "nightly": {reason}: user "dave.{world}" may not run' in refused.value.message
    kube.create(agents.cron_job(world, "patrol", slot))
    dave.patch("CronJob", "patrol", world, {"spec": {"schedule": "0 1 29 2 *"}})


def test_while_active_template_and_images_stay(kube, world):
    kube.create(agents.deployment(world))
    kube.create(agents.grant(world, "task", "Deployment/serve", "Slot"))
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    pod = eventually(lambda: kube.list("Pod", world, labels="app=bot"))[0]["metadata"]["name"]
    image = [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "localhost/other:1"}]
    with pytest.raises(ApiError, match=r'\[SC111\] Deployment "serve": the template of its pods cannot change while TaskGrant'):
        kube.patch("Deployment", "serve", world, image)
    with pytest.raises(ApiError, match="the image of a pod that runs as an agent cannot be changed"):
        kube.patch("Pod", pod, world, [{"op": "replace", "path": "/spec/containers/0/image", "value": "localhost/other:1"}])
    kube.patch("Deployment", "serve", world, {"spec": {"replicas": 2}})
    kube.patch("TaskGrant", "task", world, {"spec": {"revoke": {"reason": "done"}}})
    kube.wait_for("TaskGrant", "task", world, in_phase("Revoked"))
    eventually(lambda: kube.patch("Deployment", "serve", world, image), 5)
