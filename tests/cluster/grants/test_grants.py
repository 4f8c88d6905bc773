"""The operator on a real API server: from a grant to its credentials, and their end."""
import time

import pytest
from support import agents
from support.agents import ACCESS, AUDIENCE, claims, condition, confirmed, in_phase, refusal, stalled
from support.enrolment import set_mode
from support.kube import eventually
from support.users import operators_hand, passing_hand

pytestmark = pytest.mark.usefixtures("operator", "webhook")


def active_slot(kube, ns, name="task", **spec) -> tuple[dict, str]:
    """A slot grant in Active, and its API token."""
    if not kube.find("Deployment", "serve", ns):
        kube.create(agents.deployment(ns))
    kube.create(agents.grant(ns, name, "Deployment/serve", "Slot", **spec))
    g = kube.wait_for("TaskGrant", name, ns, in_phase("Active"))
    return g, agents.secret_value(kube, ns, "errand-bot-fixer", "token")


def test_identity_has_an_account_without_rights_for_each_tool_class(kube, world):
    account = kube.get("ServiceAccount", "errand-a.bot.fixer", world)
    assert account["automountServiceAccountToken"] is False
    assert kube.get("AgentIdentity", "bot", world)["status"]["serviceAccounts"] == [
        {"toolClass": "fixer", "name": "errand-a.bot.fixer", "uid": account["metadata"]["uid"]}]
    passing_hand(kube).patch("ServiceAccount", "errand-a.bot.fixer", world, {"automountServiceAccountToken": True})
    kube.wait_for("ServiceAccount", "errand-a.bot.fixer", world, lambda a: a["automountServiceAccountToken"] is False)


def test_slot_is_filled_with_a_token_bound_to_that_very_secret(kube, world):
    kube.create(agents.deployment(world))
    kube.create(agents.marked(agents.grant(world, "task", "Deployment/serve", "Slot", access=ACCESS)))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    token = agents.secret_value(kube, world, "errand-bot-fixer", "token")
    made = agents.owned(kube, world, g)
    assert [name.partition("/")[0] for name in made] == ["RoleBinding", "Secret", "ServiceAccount"]
    agents.assert_owned_says_no_more_than_whose_it_is(kube, world, g)
    secret = kube.get("Secret", "errand-bot-fixer", world)
    said = claims(token)
    assert said["sub"] == f"system:serviceaccount:{world}:{agents.account_of(g)}"
    assert said["kubernetes.io"]["secret"]["uid"] == secret["metadata"]["uid"]
    assert said["exp"] - said["iat"] == 600
    mcp = claims(agents.secret_value(kube, world, "errand-bot-fixer", "mcp"))
    assert mcp["aud"] == [AUDIENCE] and mcp["kubernetes.io"]["secret"] == said["kubernetes.io"]["secret"]
    g = kube.wait_for("TaskGrant", "task", world, lambda x: len(x["status"].get("credentials", [])) == 2)
    assert said["jti"] in [c["credentialID"] for c in g["status"]["credentials"]]
    agent = kube.with_token(token)
    assert refusal(lambda: agent.list("ConfigMap", world)) == 200
    assert refusal(lambda: agent.list("Secret", world)) == 403
    assert refusal(lambda: agent.list("ConfigMap", "default")) == 403


@pytest.mark.parametrize("kind", ["StatefulSet", "Job", "Pod"])
def test_any_kind_of_workload_takes_a_slot_and_ends_the_grant_by_its_own_end(kube, world, kind):
    kube.create(agents.with_slot(world, kind))
    kube.create(agents.grant(world, "task", f"{kind}/serve", "Slot"))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    token = agents.secret_value(kube, world, "errand-bot-fixer", "token")
    assert claims(token)["sub"] == f"system:serviceaccount:{world}:{agents.account_of(g)}"
    assert g["status"]["workload"]["uid"] == kube.get(kind, "serve", world)["metadata"]["uid"]
    assert refusal(lambda: kube.with_token(token).list("ConfigMap", world)) == 200
    kube.delete(kind, "serve", world)
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Failed"))
    assert g["status"]["endedBecause"] == "WorkloadDeleted"
    agents.refused_within(kube, token, 11)


def test_slots_kubeconfig_works_with_kubectl(kube, world, tmp_path):
    _, token = active_slot(kube, world, duration="1h")
    assert 3590 <= claims(token)["exp"] - claims(token)["iat"] <= 3600, "for what is left, and no more than an hour"
    for key in ("kubeconfig", "token", "ca.crt", "namespace", "expires-at"):
        (tmp_path / key).write_text(agents.secret_value(kube, world, "errand-bot-fixer", key))
    assert agents.moment((tmp_path / "expires-at").read_text().strip()) == claims(token)["exp"]
    done = kube.kubectl("--kubeconfig", str(tmp_path / "kubeconfig"), "--server", kube.server, "get", "configmaps", "-o", "name")
    assert "configmap/kube-root-ca.crt" in done.stdout


def listening(kube, ns: str, mode: str) -> str:
    """The name of an Active grant of another agent, to whom no token for the API server is granted."""
    name = f"listener-{mode.lower()}"
    kube.create(agents.identity(ns, name))
    workload = "Deployment/serve" if mode == "Slot" else "Job/fix"
    kube.create(agents.grant(ns, name, workload, mode, agent=name, access={"audiences": [{"name": AUDIENCE}]}))
    kube.wait_for("TaskGrant", name, ns, in_phase("Active"))
    return name


def test_revoke_takes_rights_at_once_and_the_tokens_within_the_caches_time(kube, world):
    g, token = active_slot(kube, world, access=ACCESS)
    kube.create(agents.job(world, idle=True))
    names = ["task", *(listening(kube, world, mode) for mode in ("Slot", "Projected"))]
    assert "token" not in kube.get("Secret", "errand-listener-slot-fixer", world)["data"]
    mcp = [agents.secret_value(kube, world, f"errand-{of}-fixer", "mcp") for of in ("bot", "listener-slot")]
    agent = kube.with_token(token)
    assert refusal(lambda: agent.list("ConfigMap", world)) == 200
    assert all(kube.token_review(t, (AUDIENCE,)).get("authenticated") for t in mcp)
    start = time.monotonic()
    for name in names:
        kube.patch("TaskGrant", name, world, {"spec": {"revoke": {"reason": "wrong cluster"}}})
    eventually(lambda: refusal(lambda: agent.list("ConfigMap", world)) in (401, 403), 2, 0.01)
    for t, audiences in [(token, ()), *((t, (AUDIENCE,)) for t in mcp)]:
        agents.refused_within(kube, t, 11 - (time.monotonic() - start), audiences)
    g = kube.get("TaskGrant", "task", world)
    assert condition(g, "Active")["status"] == "Unknown" and not confirmed(g), "nothing is proven yet"
    for name in names:
        g = kube.wait_for("TaskGrant", name, world, confirmed, 40)
        assert g["status"]["phase"] == "Revoked"
        assert g["status"]["endedBecause"] == "RevokeRequested"
        assert g["status"]["revocation"]["confirmedBy"] == "TokenReview"
        assert agents.moment(g["status"]["revocation"]["confirmedAt"]) - agents.moment(g["status"]["endedAt"]) >= 15
        assert "wrong cluster" in condition(g, "Ready")["message"]
        assert condition(g, "Active")["status"] == "False"
        assert agents.owned(kube, world, g) == []
        assert not any(t in str(g) for t in (token, *mcp))


def test_window_closes_by_itself_and_with_it_that_of_a_later_delegation(kube, world):
    g, token = active_slot(kube, world, duration="30s")
    kube.create(agents.job(world, idle=True))
    time.sleep(max(0.0, agents.moment(g["status"]["startedAt"]) + 5 - time.time()))
    kube.create(agents.grant(world, "below", duration="30s", parentRef={"name": "task", "relation": "Delegation"}))
    below = kube.wait_for("TaskGrant", "below", world, in_phase("Active"))
    assert below["status"]["startedAt"] > g["status"]["startedAt"] and below["status"]["endsAt"] == g["status"]["endsAt"]
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Expired"), 35)
    assert g["status"]["endedBecause"] == "WindowClosed"
    assert g["status"]["endedAt"] >= g["status"]["endsAt"]
    below = kube.wait_for("TaskGrant", "below", world, in_phase("Expired", "Revoked"), 3)
    assert below["status"]["endedBecause"] in ("WindowClosed", "ParentEnded")
    agents.refused_within(kube, token, 11)


def test_job_ends_its_grant(kube, world):
    kube.create(agents.job(world))
    kube.create(agents.grant(world, "task"))
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    token = operators_hand(kube).token_request(agents.account_of(g), world)
    assert refusal(lambda: kube.with_token(token).list("ConfigMap", world)) == 200
    agents.finish(kube, world, "fix")
    kube.wait_for("TaskGrant", "task", world, in_phase("Completed"))
    agents.refused_within(kube, token, 11)
    g = kube.wait_for("TaskGrant", "task", world, confirmed, 40)
    assert g["status"]["revocation"]["confirmedBy"] == "TokenReview"


def test_failed_and_deleted_workloads_end_their_grants(kube, world):
    kube.create(agents.job(world, "failing", "of-failing"))
    kube.create(agents.job(world, "deleted", "of-deleted"))
    kube.create(agents.grant(world, "of-failing", "Job/failing"))
    kube.create(agents.grant(world, "of-deleted", "Job/deleted"))
    for name in ("of-failing", "of-deleted"):
        kube.wait_for("TaskGrant", name, world, in_phase("Active"))
    kube.delete("Job", "deleted", world)
    agents.finish(kube, world, "failing", "3")
    assert kube.wait_for("TaskGrant", "of-deleted", world, in_phase("Failed"))["status"]["endedBecause"] == "WorkloadDeleted"
    assert kube.wait_for("TaskGrant", "of-failing", world, in_phase("Failed"))["status"]["endedBecause"] == "WorkloadFailed"


def test_deleting_a_grant_revokes_before_it_is_gone(kube, world):
    g, token = active_slot(kube, world)
    kube.delete("TaskGrant", "task", world)
    assert kube.get("TaskGrant", "task", world)["metadata"]["deletionTimestamp"], "the finalizer holds it"
    kube.wait_gone("TaskGrant", "task", world, 40)
    assert not kube.token_review(token).get("authenticated")
    assert agents.owned(kube, world, g) == []


def test_suspending_the_identity_revokes_and_nothing_starts_until_it_is_enabled(kube, world):
    active_slot(kube, world)
    kube.patch("AgentIdentity", "bot", world, {"spec": {"state": "Suspended"}})
    assert kube.wait_for("TaskGrant", "task", world, in_phase("Revoked"))["status"]["endedBecause"] == "IdentitySuspended"
    kube.create(agents.grant(world, "meanwhile", "Deployment/serve", "Slot"))
    g = kube.wait_for("TaskGrant", "meanwhile", world, in_phase("Revoked"))
    assert "spec.state is Enabled" in condition(g, "Ready")["message"]
    kube.patch("AgentIdentity", "bot", world, {"spec": {"state": "Enabled"}})
    kube.create(agents.grant(world, "later", "Deployment/serve", "Slot"))
    kube.wait_for("TaskGrant", "later", world, in_phase("Active"))


def test_what_a_grant_names_wrongly_is_said_and_mended(kube, namespace):
    kube.create(agents.job(namespace))
    kube.create(agents.grant(namespace, "task", access={"roles": [{"name": "reader"}],
                                                        "audiences": [{"name": "https://x.example.com"}]}))
    kube.wait_for("TaskGrant", "task", namespace, stalled("spec.agentIdentityRef.name: there is no AgentIdentity"))
    aid = agents.identity(namespace)
    aid["spec"]["toolClasses"][0].update(name="other", slot=None)
    kube.create(aid)
    kube.wait_for("TaskGrant", "task", namespace, stalled("spec.toolClass: AgentIdentity bot has no tool class"))
    kube.patch("AgentIdentity", "bot", namespace, {"spec": agents.identity(namespace)["spec"]})
    kube.wait_for("TaskGrant", "task", namespace, stalled("spec.access.audiences[0]"))
    wider = {"roles": [{"name": "reader"}], "audiences": [{"name": "https://x.example.com", "file": "x"}]}
    kube.patch("AgentIdentity", "bot", namespace, {"spec": agents.identity(namespace, access=wider)["spec"]})
    kube.wait_for("TaskGrant", "task", namespace, stalled("spec.access.roles[0]: there is no Role"))
    kube.create(agents.role(namespace))
    kube.wait_for("TaskGrant", "task", namespace, in_phase("Active"), 25)


def test_where_a_namespace_takes_no_part_nothing_is_made(kube, world):
    set_mode(kube, world, "warn")
    kube.create(agents.grant(world, "task"))
    g = kube.wait_for("TaskGrant", "task", world, stalled("errand.dev/enforce"))
    assert g["status"]["phase"] == "Pending" and agents.owned(kube, world, g) == []
    assert "finalizers" not in g["metadata"], "deleting it waits for nobody"
    set_mode(kube, world, "true")
    kube.create(agents.job(world, idle=True))
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))


def test_a_role_that_the_operator_may_not_bind_is_said(kube, world):
    kube.create(agents.role(world, "unlisted"))
    kube.patch("AgentIdentity", "bot", world, {"spec": agents.identity(world, access={"roles": [{"name": "unlisted"}]})["spec"]})
    kube.create(agents.job(world))
    kube.create(agents.grant(world, "task", access={"roles": [{"name": "unlisted"}]}))
    g = kube.wait_for("TaskGrant", "task", world, stalled("spec.access.roles[0]: the operator may not bind Role \"unlisted\""))
    assert condition(g, "Ready")["status"] == "False"


def test_a_slots_secret_of_somebody_else_is_a_conflict_and_untouched(kube, world):
    passing_hand(kube).create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "errand-bot-fixer", "namespace": world},
                               "stringData": {"mine": "keep"}})
    before = kube.get("Secret", "errand-bot-fixer", world)
    kube.create(agents.deployment(world))
    kube.create(agents.grant(world, "task", "Deployment/serve", "Slot"))
    kube.wait_for("TaskGrant", "task", world, stalled("Secret errand-bot-fixer exists and was not made by the operator"))
    assert kube.get("Secret", "errand-bot-fixer", world) == before
    passing_hand(kube).delete("Secret", "errand-bot-fixer", world)
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))


def test_one_slot_serves_one_grant_after_another(kube, world):
    active_slot(kube, world, "first")
    kube.create(agents.grant(world, "second", "Deployment/serve", "Slot"))
    g = kube.wait_for("TaskGrant", "second", world, lambda x: condition(x, "Ready").get("reason") == "SlotTaken")
    assert "taken by grant first" in condition(g, "Ready")["message"] and condition(g, "Stalled")["status"] == "False"
    kube.patch("TaskGrant", "first", world, {"spec": {"revoke": {"reason": "done"}}})
    kube.wait_for("TaskGrant", "second", world, in_phase("Active"))


def test_never_more_active_grants_than_the_tool_class_allows(kube, world, tmp_path):
    kube.patch("AgentIdentity", "bot", world, {"spec": agents.identity(world, maxActiveGrants=2)["spec"]})
    for i in range(5):
        kube.create(agents.job(world, f"job-{i}", f"task-{i}"))
        kube.create(agents.grant(world, f"task-{i}", f"Job/job-{i}"))

    def active() -> set[str]:
        found = {g["metadata"]["name"] for g in kube.list("TaskGrant", world) if g.get("status", {}).get("phase") == "Active"}
        assert len(found) <= 2
        return found
    first = eventually(lambda: len(now := active()) == 2 and now)
    for name in {f"task-{i}" for i in range(5)} - first:
        g = kube.wait_for("TaskGrant", name, world, lambda g: condition(g, "Ready").get("reason") == "WaitingForTurn")
        assert condition(g, "Stalled")["status"] == "False"
    ended = sorted(first)[0]
    kube.delete("TaskGrant", ended, world)
    # Which of those that came in the same second is next is not promised.
    later = eventually(lambda: len(now := active() - {ended}) == 2 and now)
    assert first - {ended} < later
    listed = kube.kubectl("get", "errand", "-n", world, "-o", "name", "--cache-dir", str(tmp_path)).stdout.split()
    assert {"agentidentity.errand.dev/bot", *(f"taskgrant.errand.dev/{name}" for name in later)} <= set(listed)
    grants = [kube.get("TaskGrant", name, world)["status"] for name in later]
    assert not any("credentials" in status for status in grants), "the kubelet has minted what they hold"
    counts = (2, max(status["startedAt"] for status in grants))
    kube.wait_for("AgentIdentity", "bot", world, lambda a: (a["status"]["activeGrants"], a["status"].get("lastGrantAt")) == counts)


def test_a_leased_secret_is_in_the_slot_while_active_only(kube, world):
    lease = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "ticketing", "namespace": world}, "stringData": {"key": "s1"}}
    kube.create(lease)
    kube.create(agents.deployment(world))
    kube.create(agents.grant(world, "task", "Deployment/serve", "Slot", access={"secrets": [{"name": "ticketing"}]}))
    kube.wait_for("TaskGrant", "task", world, stalled("errand.dev/leasable=true"))
    kube.patch("Secret", "ticketing", world, {"metadata": {"labels": {"errand.dev/leasable": "true"}}})
    kube.wait_for("TaskGrant", "task", world, in_phase("Active"))
    assert agents.secret_value(kube, world, "errand-bot-fixer", "ticketing.key") == "s1"
    source = kube.patch("Secret", "ticketing", world, {"stringData": {"key": "s2"}})["metadata"]
    eventually(lambda: agents.secret_value(kube, world, "errand-bot-fixer", "ticketing.key") == "s2")
    leased = [{key: source[key] for key in ("name", "uid", "resourceVersion")}]
    kube.wait_for("TaskGrant", "task", world, lambda g: g["status"]["effective"]["secrets"] == leased)
    kube.delete("Secret", "ticketing", world)
    lease["metadata"]["labels"] = {"errand.dev/leasable": "true"}
    kube.create(lease)
    g = kube.wait_for("TaskGrant", "task", world, in_phase("Revoked"))
    assert g["status"]["endedBecause"] in ("LeaseWithdrawn", "ScopeChanged"), "another Secret of that name is another"
    eventually(lambda: not agents.owned(kube, world, g), what="nothing of the grant is left")


def test_a_grant_tells_its_story_in_events(kube, world):
    active_slot(kube, world)
    kube.patch("TaskGrant", "task", world, {"spec": {"revoke": {"reason": "done"}}})
    wanted = {"Active", "Revoked", "RevocationConfirmed"}
    eventually(lambda: wanted <= {e["reason"] for e in kube.list("Event", world) if e["regarding"]["kind"] == "TaskGrant"}, 40)


def test_a_finished_grant_is_forgotten_after_its_time(kube, world):
    kube.create(agents.job(world, ends="0s"))
    kube.create(agents.grant(world, "task", ttlSecondsAfterFinished=1))
    kube.wait_for("TaskGrant", "task", world, in_phase("Completed"))
    kube.wait_gone("TaskGrant", "task", world, 40)


def test_a_namespace_with_an_active_grant_can_be_deleted(kube, world):
    _, token = active_slot(kube, world)
    kube.delete("Namespace", world)
    kube.wait_gone("Namespace", world, None, 45)
    agents.refused_within(kube, token, 11)
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": world}})


def test_a_converged_grant_costs_no_call(kube, world, operator):
    active_slot(kube, world)

    def version() -> str:
        return kube.get("TaskGrant", "task", world)["metadata"]["resourceVersion"]

    def rests() -> bool:
        last = version()
        time.sleep(0.5)
        return version() == last

    eventually(rests, 10, what="the start's last write is done")
    before = version()
    kube.patch("AgentIdentity", "bot", world, {"metadata": {"annotations": {"touched": "yes"}}})
    time.sleep(1)  # nothing is what this waits for
    assert version() == before


def orphaned(kube, ns: str, g: dict) -> list[str]:
    """What is left that names the grant, ownerReferences or not."""
    account = agents.account_of(g)
    return [f"{kind}/{o['metadata']['name']}" for kind in ("ServiceAccount", "RoleBinding", "Secret") for o in kube.list(kind, ns)
            if o["metadata"]["name"].startswith(account)
            or o["metadata"].get("labels", {}).get("errand.dev/task-grant-uid") == g["metadata"]["uid"]]


def test_a_grant_deleted_as_an_orphan_behind_the_operators_back_leaves_nothing(kube, world):
    """Its finalizer taken off and deleted with propagation Orphan at once: nothing owns its objects, and they go."""
    for attempt in range(5):
        name = f"task-{attempt}"
        g, token = active_slot(kube, world, name)
        assert len(orphaned(kube, world, g)) == 3
        passing_hand(kube).patch("TaskGrant", name, world, {"metadata": {"finalizers": ["orphan"]}})
        kube.delete("TaskGrant", name, world, propagation="Orphan")
        eventually(lambda: not orphaned(kube, world, g), 15, what="the sweep has taken what was orphaned")
        agents.refused_within(kube, token, 12)
        kube.wait_gone("TaskGrant", name, world, 40)


def test_a_binding_that_was_bent_is_made_again_and_withdrawn(kube, world):
    g, _ = active_slot(kube, world)
    binding = next(b for b in kube.list("RoleBinding", world) if b["metadata"]["name"].startswith(agents.account_of(g)))
    name = binding["metadata"]["name"]
    passing_hand(kube).patch("RoleBinding", name, world, {"subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": world}]})
    kube.wait_for("RoleBinding", name, world, lambda b: b["subjects"] == binding["subjects"])
    passing_hand(kube).patch("RoleBinding", name, world, {"metadata": {"labels": None, "ownerReferences": None}})
    kube.patch("TaskGrant", "task", world, {"spec": {"revoke": {"reason": "done"}}})
    kube.wait_gone("RoleBinding", name, world)


def test_a_time_that_would_not_be_understood_is_refused(kube, world):
    for bad in ("0001-01-01T00:00:00+24:00", "2027-01-01t00:00:00z", "2027-01-01T00:00:00,5Z", "0000-01-01T00:00:00Z"):
        assert refusal(lambda: kube.patch("AgentIdentity", "bot", world, {"spec": {"expiresAt": bad}})) == 422, bad
    kube.patch("AgentIdentity", "bot", world, {"spec": {"expiresAt": "2099-01-01T00:00:00.5+01:00"}})


def test_a_revocation_that_is_blocked_is_said(kube, world):
    g, token = active_slot(kube, world)
    binding = kube.get("RoleBinding", "errand-operator", world)
    kube.delete("RoleBinding", "errand-operator", world)
    time.sleep(0.5)  # the authorizer's own cache
    kube.patch("TaskGrant", "task", world, {"spec": {"revoke": {"reason": "done"}}})
    kube.wait_for("TaskGrant", "task", world, stalled("the operator needs the RoleBinding errand-operator"), 25)
    for field in ("uid", "resourceVersion", "creationTimestamp", "managedFields"):
        binding["metadata"].pop(field, None)
    kube.create(binding)
    g = kube.wait_for("TaskGrant", "task", world, confirmed, 60)
    assert condition(g, "Stalled")["status"] == "False"
    agents.refused_within(kube, token, 1)
