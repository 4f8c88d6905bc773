// Before the start: what is refused, what waits, and that a start does things in order.
#include <gtest/gtest.h>

#include "operator/plan/failure.hpp"
#include "tests/unit/operator/plan/fixture.hpp"

namespace errand::plan {
namespace {

using api::Phase;
using testing::HasSubstr;

TEST(Waiting, StoresTheStartBeforeAnythingIsGiven) {
  PlanFixture w;
  w.pod("job-uid");
  const Plan p = w.run();
  EXPECT_TRUE(allActions(p).empty());
  EXPECT_EQ(p.status.phase, Phase::Pending);
  EXPECT_EQ(p.status.startedAt, kNow);
  EXPECT_EQ(p.status.endsAt, kNow + Seconds{900});
  EXPECT_EQ(p.status.workload.uid, "job-uid");
  EXPECT_EQ(p.status.effective.roles.at(0).rulesDigest, "sha256:r");
  EXPECT_EQ(p.requeueAfter, Seconds{0});
  w.grant->status = p.status;
  const Plan next = w.run();
  EXPECT_EQ(position<CreateBinding>(next), 0);
  EXPECT_EQ(allActions(next).size(), 1u) << "the gate waits until Active is stored";
  EXPECT_EQ(next.status.phase, Phase::Active);
  EXPECT_EQ(next.status.endsAt, kNow + Seconds{900});
}

// A right that the operator lacks after all: the window bounds what it has given by then.
TEST(Waiting, AStartThatBreaksOffIsBoundedByItsWindow) {
  PlanFixture w;
  w.grant->spec.access.roles = {"restarter", "reader"};
  w.o.roles.push_back({{"Role", "reader"}, "spec.access.roles[1]", true, true, "sha256:r", true});
  w.grant->status = w.run().status;
  w.o.grant = w.grant;
  const auto second = actions<CreateBinding>(w.run()).at(1);
  w.grant->status = afterFailure(w.o, second, {ErrorKind::Forbidden, "no", {}}, kNow);
  EXPECT_TRUE(isTrue(w.grant->status, "Stalled"));
  const auto* active = api::findCondition(w.grant->status.conditions, "Active");
  EXPECT_EQ(active->status, api::ConditionStatus::Unknown) << "the first role may be bound";
  w.now = kNow + Seconds{900};
  EXPECT_EQ(w.run().status.endedBecause, "WindowClosed");
}

TEST(Waiting, MakesTheAccountWithoutRightsInThePlanThatStoresItsUid) {
  PlanFixture w;
  w.untouched();
  const Plan p = w.run();
  ASSERT_EQ(actions<CreateAccount>(p).size(), 1u);
  EXPECT_EQ(actions<CreateAccount>(p)[0].account.automount, false);
  EXPECT_EQ(p.status.serviceAccount.name, api::grantAccountName(w.grant->meta.uid));
  EXPECT_EQ(p.status.serviceAccount.uid, "") << "the API server gives it";
  EXPECT_EQ(p.status.identityUid, "identity-uid");
  EXPECT_EQ(p.status.enforcedSince, w.o.ns.enforcedSince);
  EXPECT_FALSE(mints(p));
}

// Made beforehand by somebody else, with whatever labels and owner, or by a run that died before it could
// store its status.
TEST(Waiting, AnAccountThatTheStatusDoesNotNameIsMadeAnew) {
  PlanFixture w;
  w.untouched();
  auto forged = w.account();
  forged->meta.labels.emplace("errand.dev/started-at", "1790000000");
  w.o.account = forged;
  Plan p = w.run();
  EXPECT_EQ(actions<Delete>(p).at(0).uid, forged->meta.uid);
  EXPECT_GT(position<CreateAccount>(p), position<Delete>(p));
  EXPECT_FALSE(mints(p));
  w.grant->status = p.status;
  w.grant->status.serviceAccount.uid = "ours";
  EXPECT_EQ(w.run().status.endedBecause, "CredentialsLost") << "it has started, and its account was replaced";
  w.grant->status.startedAt.reset();
  p = w.run();
  EXPECT_EQ(position<Delete>(p), 0);
  EXPECT_EQ(position<CreateAccount>(p), 1);
}

TEST(Waiting, AddsTheFinalizerBeforeAnythingElse) {
  PlanFixture w;
  w.grant->meta.finalizers.clear();
  EXPECT_EQ(position<AddFinalizer>(w.run()), 0);
}

TEST(Waiting, WhereANamespaceTakesNoPartNothingIsMade) {
  PlanFixture w;
  w.grant->meta.finalizers.clear();
  w.untouched();
  w.o.ns.enforced = false;
  EXPECT_TRUE(allActions(w.run()).empty());
}

struct Refusal {
  const char* name;
  void (*bend)(PlanFixture&);
  const char* says;
};

class Refused : public testing::TestWithParam<Refusal> {};

TEST_P(Refused, IsStalledAndNamesTheField) {
  PlanFixture w;
  w.untouched();
  GetParam().bend(w);
  const Plan p = w.run();
  EXPECT_FALSE(mints(p) || starts(p, *w.grant));
  EXPECT_TRUE(isTrue(p.status, "Stalled"));
  EXPECT_EQ(p.status.phase, Phase::Pending);
  EXPECT_THAT(message(p.status, "Stalled"), HasSubstr(GetParam().says));
  EXPECT_TRUE(p.requeueAfter.has_value()) << "it must start when it is mended";
}

INSTANTIATE_TEST_SUITE_P(
    All, Refused,
    testing::Values(
        Refusal{"class", [](PlanFixture& w) { w.grant->spec.toolClass = "x"; },
                "spec.toolClass: AgentIdentity triage-bot has no"},
        Refusal{"rootca", [](PlanFixture& w) { w.o.ns.rootCa.problem = "no grant starts in namespace"; },
                "no grant starts in namespace"},
        Refusal{"rootcabefore",
                [](PlanFixture& w) {
                  w.o.ns.rootCa.problem = "is not enforced: its ConfigMap";
                  w.o.ns.enforcedSince.reset();
                },
                "is not enforced: its ConfigMap"},
        Refusal{"role", [](PlanFixture& w) { w.grant->spec.access.roles = {"admin"}; },
                "spec.access.roles[0]: \"admin\" is not in"},
        Refusal{"audience", [](PlanFixture& w) { w.grant->spec.access.audiences = {"https://x"}; },
                "spec.access.audiences[0]"},
        Refusal{"missing role", [](PlanFixture& w) { w.o.roles[0].exists = false; },
                "spec.access.roles[0]: there is no Role \"restarter\" in namespace agents"},
        Refusal{"duration", [](PlanFixture& w) { w.grant->spec.window.duration = Seconds{7200}; },
                "spec.window.duration: 2h"},
        Refusal{"risk", [](PlanFixture& w) { w.grant->spec.task.risk = api::Risk::Critical; },
                "spec.task.risk: Critical"},
        Refusal{"no slot",
                [](PlanFixture& w) {
                  w.grant->spec.delivery = api::DeliveryMode::Slot;
                  w.identity->toolClasses[0].slotSecretName.clear();
                },
                "spec.delivery.mode"},
        Refusal{"namespace", [](PlanFixture& w) { w.o.ns.enforced = false; }, "errand.dev/enforce=true"},
        Refusal{"parent", [](PlanFixture& w) { w.grant->spec.parent.emplace(); }, "spec.parentRef"},
        Refusal{"unbindable role", [](PlanFixture& w) { w.o.roles[0].mayBind = false; },
                "spec.access.roles[0]: the operator may not bind Role \"restarter\"; add it to the Role "
                "errand-operator-bind of namespace agents: kubectl errand enroll agents --bind restarter "
                "--apply"},
        Refusal{"no label", [](PlanFixture& w) { w.o.workload->podLabels.clear(); },
                "do not have the label errand.dev/task-grant: inc-1"},
        Refusal{"slot not mounted",
                [](PlanFixture& w) {
                  w.grant->spec.delivery = api::DeliveryMode::Slot;
                  w.o.workload->slots.clear();
                },
                "do not mount the Secret errand-triage-remediation"},
        Refusal{"own role",
                [](PlanFixture& w) {
                  w.grant->spec.access.roles = {"errand-operator-bind"};
                  w.identity->toolClasses[0].access.roles = {{"errand-operator-bind"}};
                  w.o.roles[0].role.name = "errand-operator-bind";
                },
                "is a role of the operator and is never bound"},
        Refusal{"dangerous role", [](PlanFixture& w) { w.o.roles[0].dangers = {dangerOfSecrets()}; },
                "spec.access.roles[0]: Role restarter allows \"patch\" on \"secrets\": its answers hold the "
                "values "
                "of Secrets (rules[1]); take that out of the role, or let tool class remediation of "
                "AgentIdentity "
                "triage-bot accept it by {name: restarter, dangerous: Accepted} (rule SC302)"},
        Refusal{"two dangerous rules",
                [](PlanFixture& w) { w.o.roles[0].dangers = {dangerOfSecrets(), dangerOfSecrets()}; },
                "(rules[1], and 1 more)"},
        Refusal{"old workload", [](PlanFixture& w) { w.o.workload->created = kNow - Seconds{3601}; },
                "spec.workload: Job fix was created at 2026-11-24T10:59:59Z, before namespace agents was "
                "enforced (2026-11-24T11:00:00Z); create it again"},
        Refusal{"workload from before the guards held",
                [](PlanFixture& w) {
                  w.grant->meta.creationTimestamp = w.o.guards.since = kNow - Seconds{1};
                  w.o.workload->created = kNow - Seconds{2};
                },
                "spec.workload: Job fix was created at 2026-11-24T11:59:58Z, before the operator had found "
                "every policy of the installation in force (2026-11-24T11:59:59Z)"},
        Refusal{"old controller",
                [](PlanFixture& w) { w.o.workload->owners = {{"CronJob", "nightly", kNow - Seconds{9999}}}; },
                "CronJob nightly was created at"},
        Refusal{"unknown controller",
                [](PlanFixture& w) { w.o.workload->owners = {{"DaemonSet", "each-node", {}}}; },
                "DaemonSet each-node, whose age the operator does not know"},
        Refusal{"standing binding",
                [](PlanFixture& w) {
                  w.o.standing = {{"RoleBinding", "agents", "all", {"ClusterRole", "edit"}, "errand-g.x"}};
                },
                "RoleBinding agents/all gives ClusterRole edit to ServiceAccount errand-g.x between tasks"},
        Refusal{
            "guards",
            [](PlanFixture& w) { w.o.guards = {false, {}, "ValidatingAdmissionPolicyBinding x is missing"}; },
            "ValidatingAdmissionPolicyBinding x is missing"},
        Refusal{"foreign slot",
                [](PlanFixture& w) {
                  w.grant->spec.delivery = api::DeliveryMode::Slot;
                  auto s = std::make_shared<api::PartialObject>();
                  s->meta.name = "errand-triage-remediation";
                  w.o.slotSecret = s;
                },
                "Secret errand-triage-remediation exists and was not made by the operator"},
        Refusal{"shared slot",
                [](PlanFixture& w) {
                  w.grant->spec.delivery = api::DeliveryMode::Slot;
                  w.o.slotClaims = {{"aaa", "greedy"}};
                },
                "slot.secretName of tool class remediation: errand-triage-remediation is the slot "
                "of tool class greedy of AgentIdentity aaa, too"},
        Refusal{"mounted slot",
                [](PlanFixture& w) {
                  w.grant->spec.delivery = api::DeliveryMode::Slot;
                  w.o.slotMounts = {{"old", "default", kNow, {}}};
                },
                "slot.secretName of tool class remediation: Pod old, which runs as default, would be given "
                "what is put into Secret errand-triage-remediation; delete that pod"},
        Refusal{"slot of an old pod",
                [](PlanFixture& w) {
                  w.grant->spec.delivery = api::DeliveryMode::Slot;
                  w.o.slotMounts = {{"old", "errand-a.triage-bot.remediation", kNow - Seconds{3601}, {}}};
                },
                "Pod old would be given what is put into Secret errand-triage-remediation: Pod old was "
                "created at"},
        Refusal{"slot of an old Deployment",
                [](PlanFixture& w) {
                  w.grant->spec.delivery = api::DeliveryMode::Slot;
                  w.o.slotMounts = {{"fresh",
                                     "errand-a.triage-bot.remediation",
                                     kNow,
                                     {{"ReplicaSet", "r", kNow}, {"Deployment", "d", kNow - Seconds{3601}}}}};
                },
                "it belongs to a controller: Deployment d was created at"},
        Refusal{"slot from before",
                [](PlanFixture& w) {
                  w.grant->spec.delivery = api::DeliveryMode::Slot;
                  w.slotFilled(kNow, Seconds{900});
                  auto s = std::make_shared<api::PartialObject>(*w.o.slotSecret);
                  s->meta.creationTimestamp = kNow - Seconds{3601};
                  w.o.slotSecret = s;
                },
                "Secret errand-triage-remediation exists and was not made by the operator"},
        Refusal{"unlabelled lease",
                [](PlanFixture& w) {
                  w.grant->spec.delivery = api::DeliveryMode::Slot;
                  w.grant->spec.access.secrets = {"ticketing"};
                  auto s = std::make_shared<api::PartialObject>();
                  s->meta.name = "ticketing";
                  w.o.leasedSecrets = {s};
                },
                "errand.dev/leasable=true"}),
    [](const auto& param) {
      std::string name = param.param.name;
      std::ranges::replace(name, ' ', '_');
      return name;
    });

TEST(Waiting, MissingIdentityIsStalled) {
  PlanFixture w;
  w.untouched();
  w.o.grant = w.grant;
  const Plan p = plan(w.o, w.settings, kNow);
  EXPECT_FALSE(mints(p) || starts(p, *w.grant));
  EXPECT_THAT(message(p.status, "Stalled"),
              HasSubstr("spec.agentIdentityRef.name: there is no AgentIdentity"));
}

TEST(Waiting, NamesEveryProblemAtOnce) {
  PlanFixture w;
  w.untouched();
  w.grant->spec.access.roles = {"admin"};
  w.grant->spec.window.duration = Seconds{7200};
  EXPECT_THAT(message(w.run().status, "Stalled"), testing::AllOf(HasSubstr("admin"), HasSubstr("2h")));
}

TEST(Waiting, ADangerousRoleStartsWhereItsToolClassAcceptsIt) {
  PlanFixture w;
  w.o.roles[0].dangers = {dangerOfSecrets()};
  const Plan refused = w.run();
  EXPECT_FALSE(starts(refused, *w.grant));
  EXPECT_EQ(api::findCondition(refused.status.conditions, "Stalled")->reason, "DangerousRole");
  w.identity->toolClasses[0].access.roles[1].dangerAccepted = true;
  EXPECT_FALSE(begins(w)) << "another role was accepted";
  w.identity->toolClasses[0].access.clusterRoles = {{"restarter", true}};
  EXPECT_FALSE(begins(w)) << "a ClusterRole of that name was accepted";
  w.identity->toolClasses[0].access.roles[0].dangerAccepted = true;
  EXPECT_TRUE(begins(w));
}

TEST(Waiting, UntilTheRootCaIsCompared) {
  PlanFixture w;
  w.o.ns.rootCa.known = false;
  EXPECT_FALSE(begins(w));
  EXPECT_TRUE(w.run().requeueAfter);
  w.o.ns.rootCa.known = true;
  EXPECT_TRUE(begins(w));
}

// A running grant goes on, as it does when a guard is missing.
TEST(Waiting, ARootCaThatDiffersEndsNothing) {
  PlanFixture w;
  w.started(kNow - Seconds{60});
  w.o.ns.rootCa = {false, "its ConfigMap"};
  EXPECT_EQ(w.run().status.phase, Phase::Active);
}

TEST(Waiting, ASuspendedJobHasNoWindowYet) {
  PlanFixture w;
  ASSERT_TRUE(begins(w));
  w.o.workload->suspended = true;
  EXPECT_FALSE(begins(w));
  const Plan p = w.run();
  EXPECT_EQ(p.ready, Reason::WaitingForWorkload);
  EXPECT_FALSE(p.status.startedAt);
}

TEST(Waiting, WhatCouldNotBeReadDelaysTheStart) {
  PlanFixture w;
  ASSERT_TRUE(begins(w));
  w.o.roles[0].mayBind.reset();
  EXPECT_FALSE(begins(w));
  w.o.roles[0].mayBind = true;
  w.o.ownersKnown = false;
  EXPECT_FALSE(begins(w));
  w.o.ownersKnown = true;
  w.o.standingKnown = false;
  EXPECT_FALSE(begins(w));
  w.o.standingKnown = true;
  w.o.roles[0].known = false;
  EXPECT_FALSE(begins(w));
  w.o.roles.clear();
  EXPECT_FALSE(begins(w));
}

// Each API server must first have learned of the enforcement and the guards. The operator creates nothing
// before.
TEST(Waiting, UntilItsNamespaceIsEnforcedAndTheGuardsHold) {
  PlanFixture w;
  w.untouched();
  w.o.workload->created = kNow + Seconds{3};
  w.o.ns.enforcedSince = kNow + Seconds{3};
  Plan p = w.run();
  EXPECT_EQ(api::findCondition(p.status.conditions, "Ready")->reason, "EnforcementSettling");
  EXPECT_EQ(p.requeueAfter, Seconds{3});
  EXPECT_TRUE(allActions(p).empty());
  w.o.ns.enforcedSince.reset();
  EXPECT_TRUE(allActions(w.run()).empty()) << "the operator has yet to write since when";
  w.now = kNow + Seconds{3};
  w.o.ns.enforcedSince = w.now;
  EXPECT_EQ(actions<CreateAccount>(w.run()).size(), 1u);
}

TEST(Waiting, AGrantFromBeforeTheGuardsHeldIsDenied) {
  PlanFixture w;
  w.o.guards.since = *w.grant->meta.creationTimestamp;
  EXPECT_TRUE(begins(w));
  *w.o.guards.since += Seconds{1};
  Plan p = w.run();
  EXPECT_EQ(p.status.phase, Phase::Revoked) << "it has an account";
  EXPECT_EQ(p.status.endedBecause, "GuardsInterrupted");
  w.untouched();
  EXPECT_EQ(w.run().status.phase, Phase::Denied);
}

TEST(Waiting, ForADayAtMost) {
  PlanFixture w;
  w.o.workload.reset();
  w.now = *w.grant->meta.creationTimestamp + Seconds{24 * 3600} - Seconds{1};
  EXPECT_EQ(w.run().requeueAfter, Seconds{1});
  w.now += Seconds{1};
  const Plan p = w.run();
  EXPECT_EQ(p.status.phase, Phase::Denied);
  EXPECT_EQ(p.status.endedBecause, "RequestTooOld");
}

TEST(Waiting, ForALaterTimeThanItMayStartIsDeniedAtOnce) {
  PlanFixture w;
  w.grant->spec.window.notBefore = *w.grant->meta.creationTimestamp + Seconds{24 * 3600};
  const Plan p = w.run();
  EXPECT_EQ(p.status.phase, Phase::Denied);
  EXPECT_THAT(message(p.status, "Ready"), HasSubstr("spec.window.notBefore lies 24h"));
  *w.grant->spec.window.notBefore -= Seconds{1};
  EXPECT_EQ(w.run().status.phase, Phase::Scheduled);
}

TEST(Waiting, ForAPerson) {
  PlanFixture w;
  w.identity->toolClasses[0].approvalsRequired = 1;
  Plan p = w.run();
  EXPECT_EQ(p.status.phase, Phase::AwaitingApproval);
  EXPECT_FALSE(mints(p) || starts(p, *w.grant));
  w.now += Seconds{3600};
  p = w.run();
  EXPECT_EQ(p.status.phase, Phase::Denied);
  EXPECT_EQ(p.status.endedBecause, "ApprovalTimeout");
}

TEST(Waiting, ForItsTime) {
  PlanFixture w;
  w.grant->spec.window.notBefore = kNow + Seconds{60};
  const Plan p = w.run();
  EXPECT_EQ(p.status.phase, Phase::Scheduled);
  EXPECT_EQ(p.requeueAfter, Seconds{60});
  EXPECT_FALSE(mints(p) || starts(p, *w.grant));
}

TEST(Waiting, ForItsWorkload) {
  PlanFixture w;
  w.o.workload.reset();
  const Plan p = w.run();
  EXPECT_EQ(p.status.phase, Phase::Pending);
  EXPECT_THAT(message(p.status, "Ready"), HasSubstr("Job fix does not exist yet"));
  EXPECT_FALSE(mints(p) || starts(p, *w.grant));
}

TEST(Waiting, NoLongerThanNotAfter) {
  PlanFixture w;
  w.o.workload.reset();
  w.grant->spec.window.notAfter = kNow;
  const Plan p = w.run();
  EXPECT_EQ(p.status.phase, Phase::Expired);
  EXPECT_EQ(p.status.endedBecause, "NotStartedInTime");
  EXPECT_FALSE(p.status.revocation.requestedAt.has_value()) << "nothing was ever issued";
}

TEST(Waiting, ForItsTurn) {
  PlanFixture w;
  w.o.siblings = {1, 0, ""};
  EXPECT_EQ(w.run().status.phase, Phase::Pending);
  EXPECT_FALSE(begins(w));
  w.identity->toolClasses[0].maxActiveGrants = 2;
  EXPECT_TRUE(begins(w));
  w.o.siblings.waitingEarlier = 1;
  EXPECT_FALSE(begins(w)) << "first come, first served";
}

TEST(Waiting, ForTheSlot) {
  PlanFixture w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  auto s = std::make_shared<api::PartialObject>();
  s->meta.name = "errand-triage-remediation";
  s->meta.labels = {{std::string(api::kGrantLabel), "inc-0"}, {std::string(api::kGrantUidLabel), "u-0"}};
  s->meta.owners = {{std::string(api::kGroupVersion), "TaskGrant", "inc-0", "u-0", true}};
  w.o.slotSecret = s;
  const Plan p = w.run();
  EXPECT_FALSE(mints(p) || starts(p, *w.grant));
  EXPECT_THAT(message(p.status, "Ready"), HasSubstr("taken by grant inc-0"));
  s->meta.owners.clear();
  EXPECT_THAT(message(w.run().status, "Stalled"), HasSubstr("was not made by the operator"))
      << "labels are easily written";
}

// The webhook admits no pod under another uid than the status names.
TEST(Waiting, AWorkloadThatIsGoneBeforeTheStartIsForgotten) {
  PlanFixture w;
  w.grant->status.workload = {"old-uid", "v1:sha256:0"};
  w.o.workload.reset();
  EXPECT_EQ(w.run().status.workload.uid, "");
}

TEST(Waiting, NothingIsBoundWithoutAStoredStart) {
  PlanFixture w;
  w.started(kNow);
  w.grant->status = {};
  w.o.workload.reset();
  EXPECT_EQ(actions<Delete>(w.run()).at(0).resource.kind, "RoleBinding");
  w.identity->suspended = true;
  EXPECT_EQ(actions<Delete>(w.run()).at(0).resource.kind, "RoleBinding");
}

TEST(Waiting, ForTheSlotInTheOrderOfComing) {
  PlanFixture w;
  w.identity->toolClasses[0].maxActiveGrants = 4;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.o.siblings = {0, 1, "earlier"};
  EXPECT_FALSE(begins(w));
  w.grant->spec.delivery = api::DeliveryMode::Projected;
  EXPECT_TRUE(begins(w)) << "a queue for the slot is no queue for the others";
}

TEST(Waiting, NothingIsDecidedAboutANamespaceThatIsNotKnown) {
  PlanFixture w;
  w.started(kNow);
  w.o.ns.synced = false;
  w.o.account = nullptr;
  EXPECT_EQ(w.run().status, w.grant->status) << "it may be known in a moment";
  w.o.ns.unsyncedFor = Seconds{5};
  const Plan p = w.run();
  EXPECT_TRUE(allActions(p).empty());
  EXPECT_EQ(p.status.phase, Phase::Active) << "an unknown account is not a lost one";
  EXPECT_THAT(message(p.status, "Stalled"), HasSubstr("RoleBinding errand-operator"));
}

}  // namespace
}  // namespace errand::plan
