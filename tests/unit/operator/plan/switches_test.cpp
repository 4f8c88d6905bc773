// The kill switches: each ends a waiting grant as it ends an Active one, and says which it was.
#include <gtest/gtest.h>

#include "tests/unit/operator/plan/world.hpp"

namespace errand::plan {
namespace {

using api::Phase;

struct Switch {
  const char* because;
  void (*turn)(World&);
  bool atOnce;  // holds for a grant that was never accepted, too
};

class Switches : public testing::TestWithParam<Switch> {};

TEST_P(Switches, EndAWaitingGrant) {
  World w;
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
  World w;
  w.identity->toolClasses[0].approvalsRequired = 1;
  ASSERT_EQ(w.run().status.phase, Phase::AwaitingApproval);
  GetParam().turn(w);
  EXPECT_EQ(w.run().status.endedBecause, GetParam().because);
}

TEST_P(Switches, EndAnActiveGrant) {
  World w;
  w.started(kNow - Seconds{60});
  GetParam().turn(w);
  const Plan p = w.run();
  ASSERT_TRUE(p.statusFirst.has_value());
  EXPECT_EQ(p.statusFirst->phase, Phase::Revoked);
  EXPECT_EQ(p.statusFirst->endedBecause, GetParam().because);
  EXPECT_EQ(p.statusFirst->revocation.requestedAt, w.now);
}

TEST_P(Switches, LeaveAGrantThatWasNeverAcceptedToBeMendedUnlessSomebodySaidStop) {
  World w;
  w.untouched();
  GetParam().turn(w);
  EXPECT_EQ(w.run().statusFirst.has_value(), GetParam().atOnce);
}

INSTANTIATE_TEST_SUITE_P(
    All, Switches,
    testing::Values(
        Switch{"IdentitySuspended", [](World& w) { w.identity->suspended = true; }, true},
        Switch{"IdentityExpired", [](World& w) { w.identity->expiresAt = kNow; }, true},
        Switch{"IdentityDeleted", [](World& w) { w.identity = nullptr; }, false},
        Switch{"IdentityDeleted", [](World& w) { w.identity->meta.deletionTimestamp = kNow; }, false},
        Switch{"CeilingLowered", [](World& w) { w.identity->toolClasses[0].access.roles.clear(); }, false},
        Switch{"CeilingLowered", [](World& w) { w.identity->toolClasses[0].maxDuration = Seconds{60}; },
               false},
        Switch{"CeilingLowered", [](World& w) { w.identity->toolClasses[0].risk = api::Risk::Low; }, false},
        Switch{"ToolClassNotFound", [](World& w) { w.identity->toolClasses[0].name = "x"; }, false},
        Switch{"NamespaceSuspended", [](World& w) { w.o.ns.suspended = true; }, true},
        Switch{"NamespaceNotEnforced", [](World& w) { w.o.ns.enforced = false; }, false},
        Switch{"EnforcementInterrupted", [](World& w) { *w.o.ns.enforcedSince += Seconds{1}; }, false},
        Switch{"EnforcementInterrupted", [](World& w) { w.o.ns.enforcedSince.reset(); }, false},
        Switch{"NamespaceTerminating", [](World& w) { w.o.ns.terminating = true; }, true}));

TEST(Switches, AnIdentityThatTakesAnothersPlaceIsAnother) {
  World w;
  w.identity->meta.uid = "another-uid";
  EXPECT_EQ(w.run().status.endedBecause, "IdentityDeleted");
  w.started(kNow);
  EXPECT_EQ(w.run().status.endedBecause, "IdentityDeleted");
}

TEST(Switches, AWaitingGrantLooksAgainWhenItsIdentityExpires) {
  World w;
  w.o.workload.reset();
  w.identity->expiresAt = kNow + Seconds{7};
  EXPECT_EQ(w.run().requeueAfter, Seconds{7});
}

TEST(Switches, AGrantEndsOnceThePodsOfItsWorkloadAreNotSelected) {
  World w;
  w.started(kNow);
  w.identity->podSelector.matchLabels = {{"app", "bot"}};
  w.o.workload->podLabels = {{"app", "bot"}, {"tier", "x"}};
  EXPECT_EQ(w.run().status.phase, Phase::Active);
  w.o.workload->podLabels = {{"app", "other"}};
  EXPECT_EQ(w.run().status.endedBecause, "CeilingLowered");
}

}  // namespace
}  // namespace errand::plan
