"""Who may say what an agent gets, and who may run its workloads, on a real API server as real RBAC users."""
import copy
import uuid

import pytest
from support import agents
from support.agents import in_phase, stalled
from support.kinds import collection
from support.kube import MERGE, ApiError, eventually
from support.users import CREATE_GRANTS, CREATE_WORKLOADS, allow, audience, ours, person, rule

pytestmark = pytest.mark.usefixtures("operator", "webhook")


def test_the_author_of_an_identity_holds_what_it_gives(kube, world):
    author = rule("errand.dev", "agentidentities", "create patch get define")
    roles = "rbac.authorization.k8s.io"
    carol = person(kube, world, "carol", author, rule(roles, "roles", "bind", names="reader"))
    narrow = agents.identity(world, "own", access={"roles": [{"name": "reader"}]}, slot=None)
    carol.create(narrow)
    wide = copy.deepcopy(narrow)["spec"]["toolClasses"]
    wide[0]["access"] = {"roles": [{"name": "reader"}, {"name": "writer"}], "clusterRoles": [{"name": "view"}],
                         "audiences": [{"name": agents.AUDIENCE, "file": "mcp"}, {"name": "sts.amazonaws.com", "file": "aws"}],
                         "secrets": [{"name": "ticketing"}]}
    with pytest.raises(ApiError) as refused:
        carol.patch("AgentIdentity", "own", world, {"spec": {"toolClasses": wide}})
    for part in ('spec.toolClasses[0].access.roles[1]: user "carol', 'may not bind roles.rbac.authorization.k8s.io "writer"',
                 'may not bind clusterroles.rbac.authorization.k8s.io "view"', 'may not get secrets "ticketing"',
                 f'may not grant audiences.errand.dev "{agents.AUDIENCE}"', 'may not grant audiences.errand.dev "sts.amazonaws.com"'):
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

    assert not said(state="Suspended", description="stopped")
    for change in ({"podSelector": {"matchLabels": {"app": None}}}, {"state": "Enabled"}, {"state": "Enabled", "podSelector": {"matchLabels": {"app": None}}}):
        eventually(lambda: "gives more than before, and who lets an agent have a role must be allowed to bind it"
                   in said(**change), 10, 0.2, "whoever opens it is asked for what it has")  # noqa: B023
    all_of_it = [rule(roles, "roles", "bind", names="reader writer"), rule(roles, "clusterroles", "bind", names="view"),
                 rule("", "secrets", "get", names="ticketing")]
    allow(kube, world, f"carol.{world}", author, *all_of_it, audience(agents.AUDIENCE))
    eventually(lambda: 'may not grant audiences.errand.dev "sts.amazonaws.com"' in (message := said(toolClasses=wide))
               and agents.AUDIENCE not in message, 10, 0.2, "one audience is given, the other is not")
    allow(kube, world, f"carol.{world}", author, *all_of_it, audience(f"{agents.AUDIENCE} sts.amazonaws.com"))
    eventually(lambda: carol.patch("AgentIdentity", "own", world, {"spec": {"toolClasses": wide}}), 10)


def test_who_says_what_an_agent_may_get_holds_define(kube, world):
    """By the name of the identity. Taking away asks for nothing."""
    writes = rule("errand.dev", "agentidentities", "create patch get")
    empty = agents.identity(world, "own", access={}, slot=None)
    carol = person(kube, world, "carol", writes, ours("define", "other"))
    with pytest.raises(ApiError, match="ClusterRole errand-author") as refused:
        carol.create(empty)
    assert f'metadata.name: user "carol.{world}" may not define agentidentities.errand.dev "own"' in refused.value.message
    kube.create(empty)
    longer = copy.deepcopy(empty["spec"]["toolClasses"])
    longer[0]["maxDuration"] = "2h"
    with pytest.raises(ApiError, match="may not define"):
        carol.patch("AgentIdentity", "own", world, {"spec": {"toolClasses": longer}})
    shorter = copy.deepcopy(longer)
    shorter[0]["maxDuration"] = "30m"
    carol.patch("AgentIdentity", "own", world, {"spec": {"toolClasses": shorter}})
    carol.patch("AgentIdentity", "own", world, {"metadata": {"labels": {"team": "x"}}})
    allow(kube, world, f"carol.{world}", writes, ours("define", "own"))
    eventually(lambda: carol.patch("AgentIdentity", "own", world, {"spec": {"toolClasses": longer}}), 10)


def test_a_slot_is_one_identitys_alone(kube, world):
    mine = agents.identity(world, "aaa", app="aaa", access={}, slot={"secretName": "errand-bot-fixer"})
    message = ('spec.toolClasses[0].slot.secretName: "errand-bot-fixer" is the slot of tool class "fixer" of AgentIdentity "bot"; '
               "choose a name that no other has")
    carol = person(kube, world, "carol", rule("errand.dev", "agentidentities", "create patch define"))
    with pytest.raises(ApiError) as refused:
        carol.create(mine)
    assert refused.value.status == 403 and message in refused.value.message
    carol.create(agents.identity(world, "aaa", app="aaa", access={}))
    with pytest.raises(ApiError) as refused:
        carol.patch("AgentIdentity", "aaa", world, {"spec": {"toolClasses": mine["spec"]["toolClasses"]}})
    assert refused.value.status == 403 and message in refused.value.message


def test_the_label_of_a_secret_alone_opens_it_to_nobody(kube, world):
    """Who may write a Secret and not read it can make it leasable; no identity of theirs may name it."""
    kube.create({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "payroll", "namespace": world}, "stringData": {"key": "s"}})
    erin = person(kube, world, "erin", rule("errand.dev", "agentidentities", "create patch get request run define"), CREATE_GRANTS,
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
    accepted = agents.identity(world, access={"roles": [{"name": "reader", "dangerous": "Accepted"}]})
    kube.patch("AgentIdentity", "bot", world, {"spec": accepted["spec"]})
    eventually(lambda: kube.patch("Role", "reader", world, {"rules": [CREATE_GRANTS, ours("request")]}), 10)
    kube.create(agents.job(world, idle=True))
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
    dave.create(agents.job(world, "unrelated", "", idle=True))
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
