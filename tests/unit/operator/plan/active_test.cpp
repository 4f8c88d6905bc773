// Inside the window: converged means no action; what is missing is made again.
#include <gtest/gtest.h>

#include "operator/plan/leases.hpp"
#include "tests/unit/operator/plan/fixture.hpp"

namespace errand::plan {
namespace {

using api::Phase;

TEST(Active, ConvergedGrantHasNothingToDo) {
  PlanFixture w;
  w.started(kNow - Seconds{60});
  const Plan p = w.run();
  EXPECT_TRUE(allActions(p).empty());
  EXPECT_EQ(p.status.phase, Phase::Active);
  EXPECT_EQ(p.requeueAfter, Seconds{300}) << "the requester is asked about again";
  w.settings.requesterRecheck = Seconds{3600};
  EXPECT_EQ(w.run().requeueAfter, Seconds{840});
}

TEST(Active, LostBindingIsMadeAgain) {
  PlanFixture w;
  w.started(kNow);
  w.o.bindings.clear();
  EXPECT_EQ(actions<CreateBinding>(w.run()).size(), 1u);
}

TEST(Active, GateIsLiftedByItsPlace) {
  PlanFixture w;
  w.started(kNow);
  w.pod("job-uid");
  EXPECT_EQ(actions<LiftGate>(w.run()).at(0).index, 1u);
  w.grant->status.phase = Phase::Pending;
  EXPECT_TRUE(actions<LiftGate>(w.run()).empty()) << "not before Active is stored";
}

TEST(Active, APodMayRunForWhatIsLeftOfTheWindow) {
  PlanFixture w;
  w.started(kNow - Seconds{60});
  w.pod("job-uid");
  const auto deadline = [&](std::optional<std::int64_t> own) {
    auto pod = std::make_shared<api::Pod>(*w.o.pods[0]);
    pod->activeDeadlineSeconds = own;
    w.o.pods = {pod};
    return actions<LiftGate>(w.run()).at(0).deadline;
  };
  EXPECT_EQ(deadline({}), 840);
  EXPECT_EQ(deadline(900), 840);
  EXPECT_EQ(deadline(840), std::nullopt) << "as it is";
  EXPECT_EQ(deadline(60), std::nullopt) << "its own is sooner";
  w.now += Seconds{838} + Millis{500};
  EXPECT_EQ(deadline(900), 2) << "not before the window closes";
}

TEST(Active, BindingThatGrantsSomethingElseIsMadeAgain) {
  PlanFixture w;
  w.started(kNow);
  auto drifted = std::make_shared<api::RoleBinding>(*w.o.bindings[0]);
  drifted->role = {"ClusterRole", "cluster-admin"};
  w.o.bindings = {drifted};
  const Plan p = w.run();
  EXPECT_EQ(position<Delete>(p), 0);
  EXPECT_EQ(position<CreateBinding>(p), 1);
}

TEST(Active, GateOfAnotherControllersPodStays) {
  PlanFixture w;
  w.started(kNow);
  w.pod("another-job");
  EXPECT_TRUE(actions<LiftGate>(w.run()).empty());
}

TEST(Active, StatusCannotLengthenTheWindow) {
  PlanFixture w;
  w.started(kNow - Seconds{60});
  w.grant->status.startedAt = kNow + Seconds{600};
  w.grant->status.endsAt = kNow + Seconds{86400};
  EXPECT_EQ(w.run().status.endsAt, kNow + Seconds{900});
}

TEST(Active, ABindingOfItsAccountThatItDoesNotAskForIsTakenBack) {
  PlanFixture w;
  w.started(kNow);
  auto more = std::make_shared<api::RoleBinding>(*w.o.bindings[0]);
  more->meta.name = api::grantAccountName(w.grant->meta.uid) + ".more";
  more->meta.uid = "more-uid";
  w.o.bindings.push_back(more);
  ASSERT_EQ(actions<Delete>(w.run()).size(), 1u);
  EXPECT_EQ(actions<Delete>(w.run())[0].uid, "more-uid");
}

TEST(Active, GateOfAPodFromBeforeTheEnforcementStays) {
  PlanFixture w;
  w.started(kNow);
  w.pod("job-uid");
  auto old = std::make_shared<api::Pod>(*w.o.pods[0]);
  old->meta.creationTimestamp = *w.o.ns.enforcedSince - Seconds{1};
  w.o.pods = {old};
  EXPECT_TRUE(actions<LiftGate>(w.run()).empty());
}

TEST(Slot, IsFilledAtTheStart) {
  PlanFixture w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.grant->spec.access.audiences = {"https://mcp.example.com"};
  EXPECT_EQ(w.run().status.secretName, "errand-triage-remediation") << "before anything is put there";
  const auto fills = actions<FillSlot>(afterStart(w));
  ASSERT_EQ(fills.size(), 1u);
  EXPECT_TRUE(fills[0].apiToken);
  EXPECT_EQ(fills[0].audiences.at(0).file, "mcp");
  EXPECT_EQ(fills[0].life, Seconds{900}) << "what is left of the window";
}

TEST(Slot, LifeIsBoundedOnBothSides) {
  PlanFixture w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.started(kNow);
  w.grant->spec.window.duration = Seconds{30};
  EXPECT_EQ(actions<FillSlot>(w.run()).at(0).life, Seconds{600});
  w.identity->toolClasses[0].maxDuration = w.grant->spec.window.duration = Seconds{86400};
  EXPECT_EQ(actions<FillSlot>(w.run()).at(0).life, Seconds{3600});
}

TEST(Slot, IsRenewedAtHalfOfTheLifeAtTheLatest) {
  PlanFixture w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.started(kNow);
  w.slotFilled(kNow, Seconds{900});
  w.now = kNow + Seconds{350};
  const Plan early = w.run();
  EXPECT_TRUE(allActions(early).empty());
  EXPECT_LE(*early.requeueAfter, Seconds{100});
  w.now = kNow + Seconds{450};
  EXPECT_EQ(actions<FillSlot>(w.run()).size(), 1u);
}

TEST(Slot, IsFilledAgainWhenALeasedSecretChanges) {
  PlanFixture w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.grant->spec.access.secrets = {"ticketing"};
  w.started(kNow);
  w.slotFilled(kNow, Seconds{900});
  auto source = std::make_shared<api::PartialObject>();
  source->meta.name = "ticketing";
  source->meta.labels.emplace(api::kLeasableLabel, "true");
  source->meta.resourceVersion = "7";
  w.o.leasedSecrets = {source};
  EXPECT_EQ(actions<FillSlot>(w.run()).size(), 1u);
  auto s = std::make_shared<api::PartialObject>(*w.o.slotSecret);
  s->meta.annotations.emplace(kLeasedAnnotation, leasedVersions(w.o));
  w.o.slotSecret = s;
  EXPECT_TRUE(actions<FillSlot>(w.run()).empty());
}

TEST(Slot, StatusListsCredentialsFromTheSecretAndNeverAToken) {
  PlanFixture w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.started(kNow);
  w.slotFilled(kNow, Seconds{900});
  const Plan p = w.run();
  ASSERT_EQ(p.status.credentials.size(), 1u);
  EXPECT_EQ(p.status.credentials[0].credentialId, "5f0c9d2e-0000-4000-8000-000000000001");
}

}  // namespace
}  // namespace errand::plan
