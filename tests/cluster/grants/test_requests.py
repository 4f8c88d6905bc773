"""Who may ask, on a real API server, as real RBAC users; and attacks on the record of who asked."""
import base64
import copy
import json
import ssl
import urllib.request
import uuid

import pytest
from support import agents
from support.agents import condition, in_phase, stalled
from support.certificates import certificate
from support.kinds import collection
from support.kube import MERGE, ApiError, Kube, eventually
from support.users import CREATE_GRANTS, allow, ours, person

pytestmark = pytest.mark.usefixtures("operator", "webhook")

PREFIX = "errand.dev/requester-"
USER, UID, GROUPS, EXTRA = (PREFIX + part for part in ("user", "uid", "groups", "extra"))
FOREVER = "say who asked for this grant and never change"


@pytest.fixture
def alice(kube, world):
    """May request the bot."""
    return person(kube, world, "alice", CREATE_GRANTS, ours("request", "bot"))


def who(grant: dict) -> str:
    return grant["metadata"]["annotations"][USER]


def record(grant: dict) -> dict:
    return {key: value for key, value in grant["metadata"].get("annotations", {}).items() if key.startswith(PREFIX)}


def copied(grant: dict, name: str, namespace: str | None = None) -> dict:
    """The grant as somebody else finds it, to be created again under that name."""
    namespace = namespace or grant["metadata"]["namespace"]
    return {**grant, "metadata": {"name": name, "namespace": namespace, "annotations": record(grant)}, "status": {}}


def refusal(call) -> str:
    with pytest.raises(ApiError) as refused:
        call()
    assert refused.value.status == 403, refused.value
    return refused.value.message


def denied(kube, ns, name="task") -> dict:
    g = kube.wait_for("TaskGrant", name, ns, in_phase("Denied"))
    assert agents.owned(kube, ns, g) == []
    return g


@pytest.fixture
def unguarded(kube, installation, namespace):
    """Creates what no webhook of ours has seen; afterwards they are asked again."""

    def without(create):
        with installation.unguarded(namespace):
            eventually(lambda: _away(kube), 20, 0.2, "the API server has nothing recorded")
            made = eventually(lambda: _unseen(create), 20, 0.2, "the API server no longer asks")
        recorded_again(kube)
        return made

    return without


@pytest.fixture
def without_policy(kube, installation, world):
    """Takes the policy errand-requester away; afterwards it is in force again."""
    name = "errand-requester"
    kind = "ValidatingAdmissionPolicyBinding"
    binding = kube.get(kind, name)
    kube.delete(kind, name)
    yield
    for key in ("resourceVersion", "uid", "creationTimestamp", "managedFields"):
        binding["metadata"].pop(key, None)
    kube.apply(binding)
    kube.create(agents.grant(world, "policy-probe"))
    forged = {"metadata": {"annotations": {USER: "nobody"}}}

    def in_force() -> bool:
        status, answer = kube.raw("PATCH", collection("TaskGrant", world, "policy-probe"), forged, MERGE, dryRun="All")
        return status >= 400 and FOREVER in answer["message"]

    eventually(in_force, 30, 0.2, "the policy is in force again")
    installation.await_guards(name)


def recorded_again(kube) -> None:
    probe = agents.grant("default", "probe")
    eventually(lambda: USER in kube.create(copy.deepcopy(probe), dry_run=True)["metadata"].get("annotations", {}),
               20, 0.2, "the API server has who asks recorded again")


def _away(kube) -> bool:
    status, answer = kube.raw("POST", collection("TaskGrant", "default"), agents.grant("default", "probe"), dryRun="All")
    return "ValidatingAdmissionPolicy" in answer["message"] if status >= 400 else not record(answer)


def _unseen(create):
    """What was created without the webhooks; nothing while the API server still asks the validating one."""
    try:
        return create()
    except ApiError as error:
        if "admission webhook" in error.message:
            return None
        raise


def test_a_grant_says_who_asked_and_starts(kube, world, alice):
    g = alice.create(agents.grant(world, "task"))
    assert record(g) == {USER: f"alice.{world}", GROUPS: "system:authenticated"}
    kube.create(agents.job(world, idle=True))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    assert g["status"]["requestedBy"] == f"alice.{world}"
    eventually(lambda: [e for e in kube.list("Event", world) if f"asked for by alice.{world}" in e.get("note", e.get("message", ""))],
               what="an event says who asked")


def test_all_that_the_api_server_knows_of_a_user_is_recorded(kube, world):
    name = f"full.{world}"
    allow(kube, world, name, CREATE_GRANTS, ours("request", "bot"))
    full = kube.as_user(name, "dev", "ops", "a b")
    full.headers.update({"Impersonate-Uid": "u-1", "Impersonate-Extra-example.com%2Fteam": ["b", "a=1"],
                         "Impersonate-Extra-authentication.kubernetes.io%2Fcredential-id": "X"})
    g = eventually(lambda: full.create(agents.grant(world, "task")), 10)
    assert record(g) == {USER: name, UID: "u-1", GROUPS: "a b\ndev\nops\nsystem:authenticated",
                         EXTRA: "example.com/team=a=1\nexample.com/team=b"}
    kube.create(agents.job(world, idle=True))
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))


def test_a_token_is_recorded_without_its_credential(kube, world):
    allow(kube, world, f"system:serviceaccount:{world}:default".replace(".", "-"), CREATE_GRANTS, ours("request"))
    robot = kube.with_token(kube.token_request("default", world))
    window = {"duration": "10m", "notAfter": agents.in_seconds(3600)}
    g = eventually(lambda: robot.create(agents.grant(world, "task", window=window)), 10)
    account = kube.get("ServiceAccount", "default", world)
    assert record(g) == {USER: f"system:serviceaccount:{world}:default", UID: account["metadata"]["uid"],
                         GROUPS: f"system:authenticated\nsystem:serviceaccounts\nsystem:serviceaccounts:{world}"}


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
    kube.create(agents.job(world, idle=True))
    alice.create(agents.grant(world, "task", window={"duration": "10m", "notBefore": agents.in_seconds(6)}))
    kube.wait_for("TaskGrant", "task", world, in_phase("Scheduled"))
    allow(kube, world, f"alice.{world}", CREATE_GRANTS)
    g = denied(kube, world)
    assert g["status"]["endedBecause"] == "RequesterNotAuthorized"
    assert f'user "alice.{world}", who asked, may not request' in condition(g, "Ready")["message"]


def test_impersonation_asks_as_whom_it_says(kube, world, alice):
    done = kube.kubectl("create", "--as", f"alice.{world}", "-f", "-", "-o", "json",
                        stdin=json.dumps(agents.grant(world, "task")))
    assert who(json.loads(done.stdout)) == f"alice.{world}"


@pytest.mark.parametrize("way", ["dry-run", "generateName", "apply"])
def test_each_way_to_create_is_recorded(kube, world, alice, way):
    g = agents.grant(world, "task")
    if way == "dry-run":
        assert who(alice.create(g, dry_run=True)) == f"alice.{world}"
        assert kube.find("TaskGrant", "task", world) is None
        return
    if way == "generateName":
        g["metadata"] = {"generateName": "task-", "namespace": world}
        made = alice.create(g)
    else:
        made = alice.apply(g)
    assert who(made) == f"alice.{world}"
    kube.create(agents.job(world, idle=True))
    kube.wait_for("TaskGrant", made["metadata"]["name"], world, in_phase("Active"))


@pytest.mark.parametrize("way", ["replace", "apply", "server-side", "put"])
def test_the_same_file_again_changes_nothing(kube, world, alice, way):
    """By another user, too: the record stays the first one's."""
    text = json.dumps(agents.grant(world, "task"))
    if way == "server-side":
        first = alice.apply(agents.grant(world, "task"))
    else:
        kube.kubectl("apply" if way == "apply" else "create", "--as", f"alice.{world}", "-f", "-", stdin=text)
        first = kube.get("TaskGrant", "task", world)
    first = kube.wait_for("TaskGrant", "task", world, lambda g: g["metadata"].get("finalizers"))
    for _ in range(2):
        if way == "server-side":
            alice.apply(agents.grant(world, "task"))
            now = kube.apply(agents.grant(world, "task"), manager="another")
        elif way == "put":
            again = agents.grant(world, "task")
            again["metadata"]["resourceVersion"] = kube.get("TaskGrant", "task", world)["metadata"]["resourceVersion"]
            now = kube.replace(again)
        else:
            now = json.loads(kube.kubectl(way, "-f", "-", "-o", "json", stdin=text).stdout)
        assert now["metadata"]["finalizers"] == first["metadata"]["finalizers"]
        assert record(now) == record(first) and record(now)
        assert now["spec"] == first["spec"]


@pytest.mark.parametrize("change", [
    {USER: "admin"}, {GROUPS: "system:masters"}, {UID: "added"}, {EXTRA: "a=b"}, {USER: "alice\nbob"},
], ids=["user", "groups", "uid", "extra", "lines"])
def test_nobody_changes_who_asked(kube, world, alice, change):
    first = alice.create(agents.grant(world, "task"))
    for user in (alice, kube):
        assert FOREVER in refusal(lambda u=user: u.patch("TaskGrant", "task", world, {"metadata": {"annotations": change}}))
        path = collection("TaskGrant", world, "task", "status")
        status, answer = user.raw("PATCH", path, {"metadata": {"annotations": change}}, MERGE)
        assert status >= 400 or record(answer) == record(first), "by the status"
    alice.patch("TaskGrant", "task", world, {"metadata": {"annotations": {"note": "mine"}}})
    alice.patch("TaskGrant", "task", world, {"metadata": {"annotations": dict.fromkeys(record(first))}})
    assert record(kube.get("TaskGrant", "task", world)) == record(first), "the webhook has put it back"


def test_a_grant_of_another_user_is_refused(kube, world, alice):
    """As from a backup: nothing starts by itself."""
    mallory = person(kube, world, "mallory", CREATE_GRANTS, ours("request", "bot"))
    g = alice.create(agents.grant(world, "task"))
    for client in (mallory, kube):
        said = refusal(lambda c=client: c.create(copied(g, "again")))
        assert f'{USER} says that "alice.{world}" asked for this TaskGrant' in said
        assert f"leave the annotations {PREFIX}* out to ask for it anew" in said
    own = alice.create(copied(g, "again"))
    assert record(own) == record(g)
    forged = copied(g, "forged")
    forged["metadata"]["annotations"] = {USER: f"alice.{world}", GROUPS: "system:authenticated\nsystem:masters"}
    assert record(alice.create(forged)) == record(g), "rewritten"


@pytest.mark.parametrize("attack", ["nothing", "other-user", "fewer-groups", "more-groups", "repeated-group", "other-uid", "extra",
                                    "other-name", "other-namespace", "generated"])
def test_while_the_webhooks_are_away_the_policy_compares(kube, installation, world, alice, unguarded, attack):
    """All is refused at admission, whoever asks."""
    g = alice.create(agents.grant(world, "task", window={"duration": "10m", "notBefore": agents.in_seconds(3600)}))
    mallory = person(kube, world, "mallory", CREATE_GRANTS, ours("request", "bot"))
    body, client = copied(g, "stolen"), mallory
    annotations = body["metadata"]["annotations"]
    own = {USER: f"mallory.{world}", GROUPS: "system:authenticated"}
    if attack == "nothing":
        annotations.clear()
    elif attack == "fewer-groups":
        body["metadata"]["annotations"] = {USER: own[USER]}
    elif attack == "more-groups":
        body["metadata"]["annotations"] = own | {GROUPS: "system:authenticated\nsystem:masters"}
    elif attack == "repeated-group":
        body["metadata"]["annotations"] = own | {GROUPS: "system:authenticated\nsystem:authenticated\nops"}
    elif attack == "other-uid":
        body["metadata"]["annotations"] = own | {UID: "u"}
    elif attack == "extra":
        body["metadata"]["annotations"] = own | {EXTRA: "a=b"}
    elif attack == "other-namespace":
        ns = "t-" + uuid.uuid4().hex[:10]
        installation.enroll(ns, roles=("reader",))
        body, client = copied(g, "task", ns), kube
    elif attack == "generated":
        body["metadata"] = {"generateName": "task-", "namespace": world, "annotations": annotations}

    def create():
        with pytest.raises(ApiError) as refused:
            client.create(copy.deepcopy(body))
        if "ValidatingAdmissionPolicy 'errand-requester'" not in refused.value.message:
            raise refused.value
        return refused.value.message

    said = unguarded(create)
    assert "errand.dev/requester-" in said and "the webhook errand serves this namespace" in said


def test_what_the_port_answers_a_stranger_opens_nothing(kube, world, alice, unguarded):
    """Any pod may send reviews to /mutate as whomever it likes. What it is answered holds no secret."""
    mallory = person(kube, world, "mallory", CREATE_GRANTS)
    body = agents.grant(world, "task")
    answer = _mutate(kube, {"username": f"alice.{world}", "groups": ["system:authenticated"]}, body)
    patch = json.loads(base64.b64decode(answer["patch"]))
    annotations = {step["path"].rpartition("/")[2].replace("~1", "/"): step["value"] for step in patch if step["value"] != {}}
    assert annotations == record(alice.create(body, dry_run=True)), "as the API server itself is answered"
    body["metadata"]["annotations"] = annotations
    assert "leave the annotations" in refusal(lambda: mallory.create(body))

    def create():
        said = refusal(lambda: mallory.create(body))
        if "ValidatingAdmissionPolicy" not in said:
            raise ApiError(403, said, "create")
        return said

    assert "must say who creates the grant" in unguarded(create)


def _mutate(kube, user: dict, body: dict) -> dict:
    """The response of the webhook's port to anybody."""
    url = next(w["clientConfig"]["url"] for w in kube.get("MutatingWebhookConfiguration", "errand")["webhooks"]
               if w["name"] == "grants.mutate.errand.dev")
    review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "r-1", "operation": "CREATE", "namespace": body["metadata"]["namespace"], "object": body, "userInfo": user,
        "resource": {"group": "errand.dev", "version": "v1alpha1", "resource": "taskgrants"}}}
    request = urllib.request.Request(url, json.dumps(review).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10, context=ssl.create_default_context(cafile=kube.ca_file)) as answer:
        return json.load(answer)["response"]


def test_while_the_webhooks_are_away_a_true_record_is_enough(kube, world, alice, unguarded):
    """The API server vouches, not the webhook; the operator asks about the verb by itself."""
    mallory = person(kube, world, "mallory", CREATE_GRANTS)
    body = agents.grant(world, "task")
    body["metadata"]["annotations"] = {USER: f"alice.{world}", GROUPS: "system:authenticated"}
    none = copied(body, "none")
    none["metadata"]["annotations"][USER] = f"mallory.{world}"
    unguarded(lambda: (mallory.create(none), alice.create(body)))
    kube.create(agents.job(world, idle=True))
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    assert denied(kube, world, "none")["status"]["endedBecause"] == "RequesterNotAuthorized"


def test_a_grant_that_admission_never_saw_is_denied(kube, world, without_policy, unguarded):
    """As where an API server does without policies and webhooks of ours."""
    del without_policy
    unguarded(lambda: eventually(lambda: kube.create(agents.grant(world, "task")), 20, 0.2, "the policy is away"))
    ended = denied(kube, world)
    assert ended["status"]["endedBecause"] == "RequesterNotRecorded"
    assert "create the object again" in condition(ended, "Ready")["message"]


@pytest.mark.parametrize("value", ["dev\nsystem:masters", "dev\n\nops", "dev\ndev", "dev\x7f"])
def test_a_record_that_cannot_be_of_one_user_is_denied(kube, world, without_policy, unguarded, value):
    """The first is read, without system:masters, and its user does not hold the verb."""
    del without_policy
    body = agents.grant(world, "task")
    body["metadata"]["annotations"] = {USER: "somebody", GROUPS: value}
    unguarded(lambda: eventually(lambda: kube.create(copy.deepcopy(body)), 20, 0.2, "the policy is away"))
    expected = "RequesterNotAuthorized" if "masters" in value else "RequesterNotRecorded"
    assert denied(kube, world)["status"]["endedBecause"] == expected


def test_the_validating_half_asks_who_makes_this_very_request(kube, installation, world, alice, without_policy):
    """As where the mutating half and the policy were taken away."""
    del without_policy
    mallory = person(kube, world, "mallory", CREATE_GRANTS, ours("request", "bot"))
    g = alice.create(agents.grant(world, "task"), dry_run=True)

    def missing_is_refused() -> bool:
        status, answer = alice.raw("POST", collection("TaskGrant", world), agents.grant(world, "task"), dryRun="All")
        return status == 403 and f"{USER} is missing" in answer["message"] and "admission webhook" in answer["message"]

    with installation.unguarded(world, ("MutatingWebhookConfiguration",)):
        eventually(missing_is_refused, 20, 0.2, "a grant without a record is refused")
        assert "do not describe the user of this request" in refusal(lambda: mallory.create(copied(g, "stolen")))
        alice.create(copied(g, "task"))
    recorded_again(kube)


def test_a_group_of_two_lines_is_refused(kube, cluster, installation, world, alice):
    """A certificate by the cluster's own authority whose group reads as two."""
    g = alice.create(agents.grant(world, "task"))
    allow(kube, world, f"eve.{world}", CREATE_GRANTS, ours("request", "bot"))
    eve = certificate(cluster, f"eve.{world}", "dev\nsystem:masters")
    eventually(lambda: eve.get("TaskGrant", "task", world), 10)
    assert "a group is empty or has a control character" in refusal(lambda: eve.create(agents.grant(world, "two")))
    body = copied(g, "two")
    body["metadata"]["annotations"] = {USER: f"eve.{world}", GROUPS: "dev\nsystem:authenticated\nsystem:masters"}

    def by_policy() -> bool:
        status, answer = eve.raw("POST", collection("TaskGrant", world), copy.deepcopy(body))
        assert status == 403
        return "ValidatingAdmissionPolicy 'errand-requester'" in answer["message"] and "has a control character" in answer["message"]

    with installation.unguarded(world):
        eventually(by_policy, 20, 0.2, "the policy refuses it")
    recorded_again(kube)
    assert kube.find("TaskGrant", "two", world) is None


def test_membership_of_system_masters_does_not_count(kube, cluster, world):
    """Whoever holds the verb in another way may ask; nobody by that group alone."""
    root = Kube.with_certificate(cluster.directory, "super-admin")
    said = refusal(lambda: root.create(agents.grant(world, "task")))
    assert "membership of system:masters does not count" in said
    assert "kubeadm:cluster-admins" in said and "ClusterRole errand-requester" in said
    allow(kube, world, "super-admin", ours("request", "bot"))
    g = eventually(lambda: root.create(agents.grant(world, "task")), 10)
    assert record(g) == {USER: "super-admin", GROUPS: "system:authenticated\nsystem:masters"}
    kube.create(agents.job(world, idle=True))
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))


@pytest.mark.parametrize("count, allowed", [(600, True), (798, True), (801, False)])
def test_a_user_of_many_groups(kube, installation, world, count, allowed):
    name = f"busy.{world}"
    allow(kube, world, name, CREATE_GRANTS, ours("request", "bot"))
    groups = [f"oidc:team-{n:04}" for n in range(count)]
    busy = kube.as_user(name, *groups)
    if allowed:
        g = eventually(lambda: busy.create(agents.grant(world, "task")), 10)
        assert record(g)[GROUPS].split("\n") == sorted([*groups, "system:authenticated"])
        return
    assert "groups are more than 800" in refusal(lambda: busy.create(agents.grant(world, "task")))
    body = agents.grant(world, "task")
    body["metadata"]["annotations"] = {USER: name, GROUPS: "\n".join(sorted([*groups, "system:authenticated"]))}

    def by_policy() -> bool:
        status, answer = busy.raw("POST", collection("TaskGrant", world), copy.deepcopy(body))
        assert status == 403
        return "more than 800 groups or values of extra" in answer["message"]

    with installation.unguarded(world):
        eventually(by_policy, 20, 0.2, "the policy refuses it")
    recorded_again(kube)


def test_a_grant_can_be_revoked_while_the_webhook_is_away(kube, installation, world, alice):
    """Nothing answers where the configurations point to: only an update that leaves the record out waits for it."""
    alice.create(agents.grant(world, "task"))
    kube.create(agents.job(world, idle=True))
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    with installation.deaf(world):
        put = agents.grant(world, "task")
        put["metadata"]["resourceVersion"] = kube.get("TaskGrant", "task", world)["metadata"]["resourceVersion"]
        with pytest.raises(ApiError, match="failed calling webhook"):
            kube.replace(put)
        alice.patch("TaskGrant", "task", world, {"spec": {"revoke": {"reason": "wrong cluster"}}})
        kube.wait_for("TaskGrant", "task", world, in_phase("Revoked"))


def test_a_service_account_says_until_when(kube, world):
    name = f"system:serviceaccount:{world}:default"
    robot = kube.as_user(name)
    allow(kube, world, name.replace(".", "-"), CREATE_GRANTS, ours("request"))
    with pytest.raises(ApiError, match="spec.window.notAfter: is required of a ServiceAccount"):
        robot.create(agents.grant(world, "task"))
    with pytest.raises(ApiError, match="is more than 24h away"):
        robot.create(agents.grant(world, "task", window={"duration": "10m", "notAfter": agents.in_seconds(25 * 3600)}))
    robot.create(agents.grant(world, "task", window={"duration": "10m", "notAfter": agents.in_seconds(3600)}))


def test_a_slot_that_two_identities_name_is_mounted_and_filled_for_neither(kube, world, unguarded):
    """As after a claim that admission let pass before it knew of the other identity."""
    kube.create(agents.deployment(world))
    eventually(lambda: kube.list("Pod", world, labels="app=bot"), what="the agent runs")
    claims = agents.identity(world, "aaa", app="aaa", access={}, slot={"secretName": "errand-bot-fixer"})
    unguarded(lambda: kube.create(claims))
    for app, other in (("aaa", "bot"), ("bot", "aaa")):
        with pytest.raises(ApiError, match=f'"slot" is the slot of tool class "fixer" of AgentIdentity "{other}"') as refused:
            kube.create(agents.deployment(world, "thief", app))
        assert "[SC111]" in refused.value.message
    kube.create(agents.grant(world, "task", "Deployment/serve", "Slot"))
    kube.wait_for("TaskGrant", "task", world, stalled("errand-bot-fixer is the slot of tool class fixer of AgentIdentity aaa, too"))
    assert kube.find("Secret", "errand-bot-fixer", world) is None
    kube.delete("AgentIdentity", "aaa", world)
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"), 30)
