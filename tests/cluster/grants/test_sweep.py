"""What no live grant owns is found and removed within a minute, whoever tampered with it and while the operator was away;
what is somebody else's stays as it is."""
import time

import pytest
from support import agents
from support.agents import account_of, in_phase
from support.kube import eventually
from support.processes import Installation
from support.proxy import FaultProxy
from support.users import passing_hand

MINUTE = 65  # the sweep's interval, and a little
KINDS = ("ServiceAccount", "RoleBinding", "Secret")
LABELS = {"metadata": {"labels": None}}
OWNERS = {"metadata": {"ownerReferences": None}}
TAMPERED = {"labels": [LABELS], "owners": [OWNERS], "both": [LABELS, OWNERS],
            "uid-label": [{"metadata": {"labels": {"errand.dev/task-grant-uid": None}}}]}


@pytest.fixture(scope="module", name="place")
def fixture_place():
    """A cluster of its own: its operator comes and goes."""
    with Installation.of_its_own() as installation:
        yield installation


@pytest.fixture(name="run")
def fixture_run(place):
    """Starts the operator; whatever a test started is ended with it."""
    started = []

    def start(**how):
        started.append(place.start_operator(**how))
        return started[-1]

    yield start
    for process in started:
        process.stop()


def world(installation, ns: str, count: int) -> list[dict]:
    """As many agents, each with an Active grant in its slot."""
    kube = installation.kube
    installation.enroll(ns, roles=("reader",))
    kube.create(agents.role(ns))
    for n in range(count):
        kube.create(agents.identity(ns, f"bot-{n}", app=f"bot-{n}"))
        kube.create(agents.deployment(ns, f"serve-{n}", f"bot-{n}", f"errand-bot-{n}-fixer"))
        kube.create(agents.grant(ns, f"task-{n}", f"Deployment/serve-{n}", "Slot", agent=f"bot-{n}"))
    return [kube.wait_for("TaskGrant", f"task-{n}", ns, in_phase("Active"), 60) for n in range(count)]


def made_for(kube, ns: str, grants: list[dict]) -> list[tuple[str, str]]:
    """Kind and name of what exists of the grants, whatever is written on it."""
    accounts = tuple(account_of(g) for g in grants)
    slots = {g["status"]["secretName"] for g in grants}
    return [(kind, o["metadata"]["name"]) for kind in KINDS for o in kube.list(kind, ns)
            if o["metadata"]["name"].startswith(accounts) or o["metadata"]["name"] in slots]


def foreign(kube, ns: str) -> list[tuple[str, str]]:
    """Objects of others, each with something that reminds of a grant's."""
    hand = passing_hand(kube)
    meta = [("errand-g.web", None), ("their-account", {"errand.dev/task-grant": "gone", "errand.dev/task-grant-uid": "gone"})]
    for name, labels in meta:
        hand.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": ns, "labels": labels}})
        hand.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "errand-mine" if labels is None else "theirs",
                                                                        "namespace": ns, "labels": labels}})
        hand.create({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
                     "metadata": {"name": f"{name}.x", "namespace": ns, "labels": labels},
                     "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
                     "subjects": [{"kind": "ServiceAccount", "name": "their-account", "namespace": ns}]})
    return [("ServiceAccount", "errand-g.web"), ("ServiceAccount", "their-account"), ("Secret", "errand-mine"),
            ("Secret", "theirs"), ("RoleBinding", "errand-g.web.x"), ("RoleBinding", "their-account.x")]


def force_delete(kube, ns: str, name: str) -> None:
    """The grant is gone at once, and its objects stay as orphans."""
    passing_hand(kube).patch("TaskGrant", name, ns, {"metadata": {"finalizers": ["orphan"]}})
    kube.delete("TaskGrant", name, ns, propagation="Orphan")
    kube.wait_gone("TaskGrant", name, ns, 30)


def test_what_was_tampered_with_while_the_operator_was_away_is_removed(place, run):
    kube, ns = place.kube, "tampered"
    operator = run()
    grants = world(place, ns, len(TAMPERED) + 1)
    kept = grants.pop()
    tokens = [agents.secret_value(kube, ns, g["status"]["secretName"], "token") for g in grants]
    operator.kill()

    before = {key: kube.get(*key, ns) for key in foreign(kube, ns)}
    hand = passing_hand(kube)
    for g, patches in zip(grants, TAMPERED.values()):
        for kind, name in made_for(kube, ns, [g]):
            for patch in patches:
                hand.patch(kind, name, ns, patch)
        force_delete(kube, ns, g["metadata"]["name"])
    assert len(made_for(kube, ns, grants)) == 3 * len(TAMPERED), "without an operator, everything is left"

    run()
    eventually(lambda: not made_for(kube, ns, grants), MINUTE, 0.2, "nothing is left of what no grant owns")
    for token in tokens:
        agents.refused_within(kube, token, 12)
    assert len(made_for(kube, ns, [kept])) == 3 and kube.get("TaskGrant", "task-4", ns)["status"]["phase"] == "Active"
    assert {key: kube.get(*key, ns) for key in before} == before, "what is foreign is untouched"
    kube.delete("Namespace", ns)


def test_a_slot_that_lost_its_labels_does_not_outlive_its_live_grant(place, run):
    kube, ns = place.kube, "bent"
    run()
    g, = world(place, ns, 1)
    token = agents.secret_value(kube, ns, "errand-bot-0-fixer", "token")
    passing_hand(kube).patch("Secret", "errand-bot-0-fixer", ns, LABELS)
    kube.patch("TaskGrant", "task-0", ns, {"spec": {"revoke": {"reason": "test"}}})
    eventually(lambda: not made_for(kube, ns, [g]), MINUTE, 0.2, "nothing is left of the grant")
    agents.refused_within(kube, token, 12)
    kube.delete("Namespace", ns)


def test_a_namespace_half_deleted_while_the_operator_was_away_goes(place, run):
    """The namespace's controller has taken the operator's RoleBinding and the rest; the grant's finalizer held it up.
    What somebody else's finalizer keeps is theirs to let go, and the operator does not storm against it."""
    kube, ns = place.kube, "half"
    operator = run()
    world(place, ns, 2)
    tokens = [agents.secret_value(kube, ns, f"errand-bot-{n}-fixer", "token") for n in range(2)]
    g = kube.get("TaskGrant", "task-0", ns)
    hand, foreign_hold = passing_hand(kube), {"metadata": {"finalizers": ["example.com/stays"]}}
    kept = [key for key in made_for(kube, ns, [g]) if key[0] != "ServiceAccount"]
    assert len(kept) == 2
    for kind, name in kept:
        hand.patch(kind, name, ns, foreign_hold)
    operator.kill()
    hand.patch("TaskGrant", "task-1", ns, {"metadata": {"finalizers": None}})
    kube.delete("Namespace", ns)
    eventually(lambda: [b["metadata"]["name"] for b in kube.list("RoleBinding", ns)] == [kept[0][1]], 30,
               what="the namespace's controller has taken what nothing holds")
    assert kube.get("TaskGrant", "task-0", ns)["metadata"]["finalizers"]

    with FaultProxy(place.cluster) as proxy:
        operator = run(server=proxy.url)
        kube.wait_gone("TaskGrant", "task-0", ns, MINUTE)
        for token in tokens:
            agents.refused_within(kube, token, 12)
        since = len(proxy.log())
        time.sleep(10)  # nothing is what this waits for: what fails is tried again with growing pauses
        asked = [r for r in proxy.log(since) if f"/namespaces/{ns}/" in r.path]
        assert 8 <= len(asked) <= 64, "eight watches are forbidden, and each is tried again after 0.2 s, 0.4 s and so on to 5 s"
        operator.stop()
    run()
    for kind, name in kept:
        hand.patch(kind, name, ns, {"metadata": {"finalizers": None}})
    kube.wait_gone("Namespace", ns, None, MINUTE)


def test_an_identity_deleted_as_an_orphan_can_be_made_again_and_leaves_no_account(place, run):
    """Nobody but the operator may delete its accounts (SC404)."""
    kube, ns, name = place.kube, "orphaned-agent", "errand-a.bot.fixer"
    run()
    place.enroll(ns, roles=("reader",))
    agents.declare(kube, ns)
    first = kube.get("ServiceAccount", name, ns)
    kube.delete("AgentIdentity", "bot", ns, propagation="Orphan")
    kube.wait_gone("AgentIdentity", "bot", ns, 60)  # the garbage collector has to learn of the kind
    assert "ownerReferences" not in kube.get("ServiceAccount", name, ns)["metadata"]
    kube.create(agents.identity(ns))
    kube.wait_for("AgentIdentity", "bot", ns, lambda a: agents.condition(a, "Ready").get("status") == "True", 10)
    assert kube.get("ServiceAccount", name, ns)["metadata"]["uid"] != first["metadata"]["uid"], "tokens of the first are dead"
    kube.delete("AgentIdentity", "bot", ns, propagation="Orphan")
    kube.wait_gone("ServiceAccount", name, ns, MINUTE)
