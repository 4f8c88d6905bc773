// Before the start: what is refused, what waits, and that a start does things in order.
#include <gtest/gtest.h>

#include "tests/unit/operator/plan/world.hpp"

namespace errand::plan {
namespace {

using api::Phase;
using testing::HasSubstr;

TEST(Waiting, StartsInOrderAndSaysWhenItEnds) {
  World w;
  w.pod("job-uid");
  const Plan p = w.run();
  ASSERT_EQ(position<CreateBinding>(p), 0) << "the window must not run while the operator may not bind";
  EXPECT_EQ(position<MarkStarted>(p), 1);
  EXPECT_EQ(p.actions.size(), 2u) << "the gate waits until Active is stored";
  EXPECT_EQ(p.status.phase, Phase::Active);
  EXPECT_EQ(p.status.endsAt, kNow + Seconds{900});
  EXPECT_EQ(p.requeueAfter, Seconds{900});
  EXPECT_EQ(p.status.effective.roles.at(0).rulesDigest, "sha256:r");
}

TEST(Waiting, MakesTheAccountWithoutRightsFirst) {
  World w;
  w.o.account = nullptr;
  const Plan p = w.run();
  ASSERT_EQ(actions<CreateAccount>(p).size(), 1u);
  EXPECT_EQ(actions<CreateAccount>(p)[0].account.automount, false);
  EXPECT_FALSE(mints(p));
}

TEST(Waiting, AddsTheFinalizerBeforeAnythingElse) {
  World w;
  w.grant->meta.finalizers.clear();
  EXPECT_EQ(position<AddFinalizer>(w.run()), 0);
}

TEST(Waiting, WhereANamespaceTakesNoPartNothingIsMade) {
  World w;
  w.grant->meta.finalizers.clear();
  w.o.account = nullptr;
  w.o.ns.enforced = false;
  EXPECT_TRUE(w.run().actions.empty());
}

TEST(Waiting, TheAccountSaysUnderWhichIdentityTheGrantWasAccepted) {
  World w;
  w.o.account = nullptr;
  const auto made = actions<CreateAccount>(w.run());
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].account.meta.label(api::kIdentityUidLabel), "identity-uid");
}

struct Refusal {
  const char* name;
  void (*bend)(World&);
  const char* says;
};

class Refused : public testing::TestWithParam<Refusal> {};

TEST_P(Refused, IsStalledAndNamesTheField) {
  World w;
  if (std::string_view(GetParam().name) != "foreign account") w.o.account = nullptr;
  GetParam().bend(w);
  const Plan p = w.run();
  EXPECT_FALSE(mints(p));
  EXPECT_TRUE(isTrue(p.status, "Stalled"));
  EXPECT_EQ(p.status.phase, Phase::Pending);
  EXPECT_THAT(message(p.status, "Stalled"), HasSubstr(GetParam().says));
  EXPECT_TRUE(p.requeueAfter.has_value()) << "it must start when it is mended";
}

INSTANTIATE_TEST_SUITE_P(
    All, Refused,
    testing::Values(
        Refusal{"class", [](World& w) { w.grant->spec.toolClass = "x"; },
                "spec.toolClass: AgentIdentity triage-bot has no"},
        Refusal{"role", [](World& w) { w.grant->spec.access.roles = {"admin"}; },
                "spec.access.roles[0]: \"admin\" is not in"},
        Refusal{"audience", [](World& w) { w.grant->spec.access.audiences = {"https://x"}; },
                "spec.access.audiences[0]"},
        Refusal{"missing role", [](World& w) { w.o.roles[0].exists = false; },
                "spec.access.roles[0]: there is no Role \"restarter\" in namespace agents"},
        Refusal{"duration", [](World& w) { w.grant->spec.window.duration = Seconds{7200}; },
                "spec.window.duration: 2h"},
        Refusal{"risk", [](World& w) { w.grant->spec.task.risk = api::Risk::Critical; },
                "spec.task.risk: Critical"},
        Refusal{"no slot",
                [](World& w) {
                  w.grant->spec.delivery = api::DeliveryMode::Slot;
                  w.identity->toolClasses[0].slotSecretName.clear();
                },
                "spec.delivery.mode"},
        Refusal{"namespace", [](World& w) { w.o.ns.enforced = false; }, "errand.dev/enforce=true"},
        Refusal{"parent", [](World& w) { w.grant->spec.parent.emplace(); }, "spec.parentRef"},
        Refusal{"foreign account",
                [](World& w) {
                  auto foreign = std::make_shared<api::ServiceAccount>(*w.o.account);
                  foreign->meta.owners.clear();
                  w.o.account = foreign;
                },
                "was not made for this grant"},
        Refusal{"foreign slot",
                [](World& w) {
                  w.grant->spec.delivery = api::DeliveryMode::Slot;
                  auto s = std::make_shared<api::Object>();
                  s->meta.name = "errand-triage-remediation";
                  w.o.slotSecret = s;
                },
                "Secret errand-triage-remediation exists and was not made by the operator"},
        Refusal{"shared slot",
                [](World& w) {
                  w.grant->spec.delivery = api::DeliveryMode::Slot;
                  w.o.slotClaims = {{"aaa", "greedy"}};
                },
                "slot.secretName of tool class remediation: errand-triage-remediation is the slot "
                "of tool class greedy of AgentIdentity aaa, too"},
        Refusal{"mounted slot",
                [](World& w) {
                  w.grant->spec.delivery = api::DeliveryMode::Slot;
                  w.o.slotHolders = {{"old", "default"}};
                },
                "slot.secretName of tool class remediation: Pod old, which runs as default, would be given "
                "what is put into Secret errand-triage-remediation; delete that pod"},
        Refusal{"unlabelled lease",
                [](World& w) {
                  w.grant->spec.delivery = api::DeliveryMode::Slot;
                  w.grant->spec.access.secrets = {"ticketing"};
                  auto s = std::make_shared<api::Object>();
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
  World w;
  w.o.account = nullptr;
  w.o.grant = w.grant;
  const Plan p = plan(w.o, w.settings, kNow);
  EXPECT_FALSE(mints(p));
  EXPECT_THAT(message(p.status, "Stalled"),
              HasSubstr("spec.agentIdentityRef.name: there is no AgentIdentity"));
}

TEST(Waiting, NamesEveryProblemAtOnce) {
  World w;
  w.o.account = nullptr;
  w.grant->spec.access.roles = {"admin"};
  w.grant->spec.window.duration = Seconds{7200};
  EXPECT_THAT(message(w.run().status, "Stalled"), testing::AllOf(HasSubstr("admin"), HasSubstr("2h")));
}

TEST(Waiting, ARoleThatCouldNotBeReadDelaysTheStart) {
  World w;
  w.o.roles[0].known = false;
  EXPECT_FALSE(mints(w.run()));
  w.o.roles.clear();
  EXPECT_FALSE(mints(w.run()));
}

TEST(Waiting, ForAPerson) {
  World w;
  w.identity->toolClasses[0].approvalsRequired = 1;
  Plan p = w.run();
  EXPECT_EQ(p.status.phase, Phase::AwaitingApproval);
  EXPECT_FALSE(mints(p));
  w.now += Seconds{3600};
  p = w.run();
  EXPECT_EQ(p.status.phase, Phase::Denied);
  EXPECT_EQ(p.status.endedBecause, "ApprovalTimeout");
}

TEST(Waiting, ForItsTime) {
  World w;
  w.grant->spec.window.notBefore = kNow + Seconds{60};
  const Plan p = w.run();
  EXPECT_EQ(p.status.phase, Phase::Scheduled);
  EXPECT_EQ(p.requeueAfter, Seconds{60});
  EXPECT_FALSE(mints(p));
}

TEST(Waiting, ForItsWorkload) {
  World w;
  w.o.workload.reset();
  const Plan p = w.run();
  EXPECT_EQ(p.status.phase, Phase::Pending);
  EXPECT_THAT(message(p.status, "Ready"), HasSubstr("Job fix does not exist yet"));
  EXPECT_FALSE(mints(p));
}

TEST(Waiting, NoLongerThanNotAfter) {
  World w;
  w.o.workload.reset();
  w.grant->spec.window.notAfter = kNow;
  const Plan p = w.run();
  EXPECT_EQ(p.status.phase, Phase::Expired);
  EXPECT_EQ(p.status.endedBecause, "NotStartedInTime");
  EXPECT_FALSE(p.status.revocation.requestedAt.has_value()) << "nothing was ever issued";
}

TEST(Waiting, ForItsTurn) {
  World w;
  w.o.siblings = {1, 0, ""};
  EXPECT_EQ(w.run().status.phase, Phase::Pending);
  EXPECT_FALSE(mints(w.run()));
  w.identity->toolClasses[0].maxActiveGrants = 2;
  EXPECT_TRUE(mints(w.run()));
  w.o.siblings.waitingEarlier = 1;
  EXPECT_FALSE(mints(w.run())) << "first come, first served";
}

TEST(Waiting, ForTheSlot) {
  World w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  auto s = std::make_shared<api::Object>();
  s->meta.name = "errand-triage-remediation";
  s->meta.labels = {{std::string(api::kGrantLabel), "inc-0"}, {std::string(api::kGrantUidLabel), "u-0"}};
  s->meta.owners = {{std::string(api::kGroupVersion), "TaskGrant", "inc-0", "u-0", true}};
  w.o.slotSecret = s;
  const Plan p = w.run();
  EXPECT_FALSE(mints(p));
  EXPECT_THAT(message(p.status, "Ready"), HasSubstr("taken by grant inc-0"));
  s->meta.owners.clear();
  EXPECT_THAT(message(w.run().status, "Stalled"), HasSubstr("was not made by the operator"))
      << "labels are easily written";
}

// The webhook admits no pod under another uid than the status names.
TEST(Waiting, AWorkloadThatIsGoneBeforeTheStartIsForgotten) {
  World w;
  w.grant->status.workload = {"old-uid", "v1:sha256:0"};
  w.o.workload.reset();
  EXPECT_EQ(w.run().status.workload.uid, "");
}

TEST(Waiting, ABrokenOffStartLeavesNothingBound) {
  World w;
  w.started(kNow);
  w.o.account = w.account({});
  w.grant->status = {};
  w.o.workload.reset();
  EXPECT_EQ(actions<Delete>(w.run()).at(0).resource.kind, "RoleBinding");
  w.identity->suspended = true;
  EXPECT_EQ(actions<Delete>(w.run()).at(0).resource.kind, "RoleBinding");
}

TEST(Waiting, ForTheSlotInTheOrderOfComing) {
  World w;
  w.identity->toolClasses[0].maxActiveGrants = 4;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.o.siblings = {0, 1, "earlier"};
  EXPECT_FALSE(mints(w.run()));
  w.grant->spec.delivery = api::DeliveryMode::Projected;
  EXPECT_TRUE(mints(w.run())) << "a queue for the slot is no queue for the others";
}

TEST(Waiting, NothingIsDecidedAboutANamespaceThatIsNotKnown) {
  World w;
  w.started(kNow);
  w.o.ns.synced = false;
  w.o.account = nullptr;
  EXPECT_EQ(w.run().status, w.grant->status) << "it may be known in a moment";
  w.o.ns.unsyncedFor = Seconds{5};
  const Plan p = w.run();
  EXPECT_TRUE(p.actions.empty());
  EXPECT_EQ(p.status.phase, Phase::Active) << "an unknown account is not a lost one";
  EXPECT_THAT(message(p.status, "Stalled"), HasSubstr("RoleBinding errand-operator"));
}

}  // namespace
}  // namespace errand::plan
