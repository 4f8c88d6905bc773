// The kill switches: each ends a waiting grant as it ends an Active one, and says which it was.
#include <gtest/gtest.h>

#include "tests/unit/operator/plan/fixture.hpp"

namespace errand::plan {
namespace {

using api::Phase;

struct Switch {
  const char* because;
  void (*turn)(PlanFixture&);
  bool atOnce;  // holds for a grant that was never accepted, too
};

class Switches : public testing::TestWithParam<Switch> {};

TEST_P(Switches, EndAWaitingGrant) {
  PlanFixture w;
  w.o.workload.reset();
  ASSERT_EQ(w.run().status.phase, Phase::Pending);
  GetParam().turn(w);
  const Plan p = w.run();
  ASSERT_TRUE(p.statusFirst.has_value());
  EXPECT_EQ(p.statusFirst->phase, Phase::Revoked);
  EXPECT_EQ(p.statusFirst->endedBecause, GetParam().because);
  EXPECT_FALSE(p.statusFirst->revocation.requestedAt.has_value()) << "nothing was ever issued";
  EXPECT_EQ(actions<Delete>(p).size(), 1u) << "the account goes";
  EXPECT_FALSE(mints(p));
}

TEST_P(Switches, EndAGrantThatWaitsForAPerson) {
  PlanFixture w;
  w.identity->toolClasses[0].approvalsRequired = 1;
  ASSERT_EQ(w.run().status.phase, Phase::AwaitingApproval);
  GetParam().turn(w);
  EXPECT_EQ(w.run().status.endedBecause, GetParam().because);
}

TEST_P(Switches, EndAnActiveGrant) {
  PlanFixture w;
  w.started(kNow - Seconds{60});
  GetParam().turn(w);
  const Plan p = w.run();
  ASSERT_TRUE(p.statusFirst.has_value());
  EXPECT_EQ(p.statusFirst->phase, Phase::Revoked);
  EXPECT_EQ(p.statusFirst->endedBecause, GetParam().because);
  EXPECT_EQ(p.statusFirst->revocation.requestedAt, w.now);
}

TEST_P(Switches, LeaveAGrantThatWasNeverAcceptedToBeMendedUnlessSomebodySaidStop) {
  PlanFixture w;
  w.untouched();
  GetParam().turn(w);
  EXPECT_EQ(w.run().statusFirst.has_value(), GetParam().atOnce);
}

INSTANTIATE_TEST_SUITE_P(
    All, Switches,
    testing::Values(
        Switch{"IdentitySuspended", [](PlanFixture& w) { w.identity->suspended = true; }, true},
        Switch{"IdentityExpired", [](PlanFixture& w) { w.identity->expiresAt = kNow; }, true},
        Switch{"IdentityDeleted", [](PlanFixture& w) { w.identity = nullptr; }, false},
        Switch{"IdentityDeleted", [](PlanFixture& w) { w.identity->meta.deletionTimestamp = kNow; }, false},
        Switch{"CeilingLowered", [](PlanFixture& w) { w.identity->toolClasses[0].access.roles.clear(); },
               false},
        Switch{"CeilingLowered", [](PlanFixture& w) { w.identity->toolClasses[0].maxDuration = Seconds{60}; },
               false},
        Switch{"CeilingLowered", [](PlanFixture& w) { w.identity->toolClasses[0].risk = api::Risk::Low; },
               false},
        Switch{"ToolClassNotFound", [](PlanFixture& w) { w.identity->toolClasses[0].name = "x"; }, false},
        Switch{"NamespaceSuspended", [](PlanFixture& w) { w.o.ns.suspended = true; }, true},
        Switch{"NamespaceNotEnforced", [](PlanFixture& w) { w.o.ns.enforced = false; }, false},
        Switch{"EnforcementInterrupted", [](PlanFixture& w) { *w.o.ns.enforcedSince += Seconds{1}; }, false},
        Switch{"EnforcementInterrupted", [](PlanFixture& w) { w.o.ns.enforcedSince.reset(); }, false},
        Switch{"NamespaceTerminating", [](PlanFixture& w) { w.o.ns.terminating = true; }, true}));

TEST(Switches, AnIdentityThatTakesAnothersPlaceIsAnother) {
  PlanFixture w;
  w.identity->meta.uid = "another-uid";
  EXPECT_EQ(w.run().status.endedBecause, "IdentityDeleted");
  w.started(kNow);
  EXPECT_EQ(w.run().status.endedBecause, "IdentityDeleted");
}

TEST(Switches, AWaitingGrantLooksAgainWhenItsIdentityExpires) {
  PlanFixture w;
  w.o.workload.reset();
  w.identity->expiresAt = kNow + Seconds{7};
  EXPECT_EQ(w.run().requeueAfter, Seconds{7});
}

TEST(Switches, AGrantEndsOnceThePodsOfItsWorkloadAreNotSelected) {
  PlanFixture w;
  w.started(kNow);
  w.identity->podSelector.matchLabels = {{"app", "bot"}};
  w.o.workload->podLabels = {{"app", "bot"}, {"tier", "x"}};
  EXPECT_EQ(w.run().status.phase, Phase::Active);
  w.o.workload->podLabels = {{"app", "other"}};
  EXPECT_EQ(w.run().status.endedBecause, "CeilingLowered");
}

TEST(Switches, AWaitingGrantStallsWhilePodsAreNotSelected) {
  PlanFixture w;
  ASSERT_TRUE(policy::wasAccepted(*w.grant));
  w.identity->podSelector.matchLabels = {{"app", "bot"}};
  EXPECT_EQ(w.run().ready, Reason::BeyondCeiling) << "the workload can be mended";
  w.o.workload->podLabels["app"] = "bot";
  EXPECT_NE(w.run().ready, Reason::BeyondCeiling);
}

}  // namespace
}  // namespace errand::plan
