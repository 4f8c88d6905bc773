#include "operator/guards/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace errand::guards {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Time kNow = *parseTime("2026-11-24T12:00:00Z");
const Time kInstalled = *parseTime("2026-11-01T00:00:00Z");

Id policyOf(const char* name) { return {std::string(kPolicy), name}; }
Id bindingOf(const char* name) { return {std::string(kBinding), name}; }
const Id kMutatingId{std::string(kMutating), "errand"};
const Id kStatusPolicy = policyOf("errand-status-tampering"),
         kStatusBinding = bindingOf("errand-status-tampering");

// An installation whose guards hold since a while, and whose record says so.
struct GuardPlanTest : testing::Test {
  GuardPlanTest() {
    for (const char* name : {"errand-status-tampering", "errand-guard-record", "errand-tokens"})
      for (const Id& id : {policyOf(name), bindingOf(name)})
        o.guards[id] = Seen{id.kind + "-" + name + "-uid", 1, kInstalled, {}};
    o.guards[kMutatingId] = Seen{"webhooks-uid", 7, kInstalled, {}};
    o.probed.result = ProbeResult::Result::Refused;
    o.kept = Seconds{60};
    o.recordCreated = kInstalled + Seconds{60};
    o.record = Record{kInstalled + Seconds{5}, {}, false};
    for (const auto& [id, seen] : o.guards)
      o.record->guards[id] = {seen->uid, id == kMutatingId ? 0 : seen->generation};
  }

  Seen& seen(const Id& id) { return *o.guards.at(id); }
  Plan plan() const { return guards::plan(o, kNow); }
  // The next look: what was to be stored is stored.
  void carryOut(const Plan& done) {
    if (!done.store) return;
    if (!o.recordCreated || done.replace) o.recordCreated = kNow;
    o.record = done.store;
  }
  void expectNoGap(const char* what) const {
    const Plan p = plan();
    EXPECT_TRUE(p.facts.hold) << what << ": " << p.facts.problem;
    EXPECT_EQ(p.facts.since, kInstalled + Seconds{5}) << what;
  }
  void expectGap(const char* what) const {
    const Plan p = plan();
    EXPECT_TRUE(p.facts.hold) << what << ": " << p.facts.problem;
    EXPECT_EQ(p.facts.since, kNow + Seconds{5}) << what;
    ASSERT_TRUE(p.store) << what;
    EXPECT_EQ(p.store->since, kNow + Seconds{5}) << what;
  }

  Observed o;
};

TEST_F(GuardPlanTest, WhatIsAsRecordedHasNotChanged) {
  expectNoGap("");
  EXPECT_FALSE(plan().store) << "and nothing is written";
}

TEST_F(GuardPlanTest, OneStepFromAShippedSpecToAnotherIsAnUpgrade) {
  seen(kStatusPolicy).generation = 2;
  seen(bindingOf("errand-tokens")).generation = 2;
  expectNoGap("one step");
  carryOut(plan());
  EXPECT_EQ(o.record->guards.at(kStatusPolicy).generation, 2);
  EXPECT_FALSE(plan().store);
  seen(kStatusPolicy).generation = 3;
  expectNoGap("the next upgrade");
}

TEST_F(GuardPlanTest, AChangeAwayAndBackIsAGap) {
  seen(kStatusBinding).generation = 3;
  expectGap("two steps, the first was Audit");
  carryOut(plan());
  EXPECT_EQ(plan().facts.since, kNow + Seconds{5});
  EXPECT_FALSE(plan().store) << "and it is no other gap each time";
}

TEST_F(GuardPlanTest, ADeletionIsAGapThoughTheSpecIsTheSame) {
  seen(bindingOf("errand-tokens")).uid = "another";
  expectGap("binding");
}

TEST_F(GuardPlanTest, AGenerationThatGoesBackIsAGap) {
  o.record->guards[kStatusPolicy].generation = 2;
  expectGap("restored from a backup");
}

TEST_F(GuardPlanTest, ARotatedCaBundleIsNoGapAndAnotherConfigurationIs) {
  seen(kMutatingId).generation = 90;
  expectNoGap("rotated");
  EXPECT_FALSE(plan().store);
  seen(kMutatingId).uid = "another";
  expectGap("deleted and made again");
}

TEST_F(GuardPlanTest, AGuardThatThisVersionBringsIsNoGap) {
  o.record->guards.erase(policyOf("errand-tokens"));
  expectNoGap("as it was made");
  ASSERT_TRUE(plan().store);
  EXPECT_EQ(plan().store->guards.size(), o.guards.size());
  seen(policyOf("errand-tokens")).generation = 2;
  expectGap("it had a spec that nobody knows");
}

TEST_F(GuardPlanTest, AGuardThatNoVersionShipsAnyMoreIsForgotten) {
  o.record->guards[policyOf("errand-old")] = {"uid", 1};
  expectNoGap("");
  ASSERT_TRUE(plan().store);
  EXPECT_FALSE(plan().store->guards.contains(policyOf("errand-old")));
}

TEST_F(GuardPlanTest, WhatIsMissingPausesAndMovesNothing) {
  o.guards[kStatusBinding].reset();
  const Plan p = plan();
  EXPECT_FALSE(p.facts.hold);
  EXPECT_EQ(p.facts.since, kInstalled + Seconds{5}) << "what runs goes on";
  EXPECT_FALSE(p.store);
  EXPECT_THAT(p.broken, ElementsAre(kStatusBinding));
  EXPECT_EQ(
      p.facts.problem,
      "ValidatingAdmissionPolicyBinding errand-status-tampering does not exist; apply the manifests or the "
      "chart of this version again");
}

TEST_F(GuardPlanTest, AnUnknownSpecPausesAndNamesTheField) {
  seen(policyOf("errand-tokens")).difference = "spec.failurePolicy";
  seen(policyOf("errand-tokens")).generation = 2;
  const Plan p = plan();
  EXPECT_FALSE(p.facts.hold);
  EXPECT_EQ(p.facts.since, kInstalled + Seconds{5});
  EXPECT_FALSE(p.store) << "an upgrade that is under way leaves one step, for whoever ships it";
  EXPECT_THAT(p.facts.problem,
              HasSubstr("ValidatingAdmissionPolicy errand-tokens: spec.failurePolicy is not what"));
}

TEST_F(GuardPlanTest, WithoutAnAnswerNothingStartsAndNothingEnds) {
  o.probed = {ProbeResult::Result::Unknown, {}, "no connection"};
  const Plan p = plan();
  EXPECT_FALSE(p.facts.hold);
  EXPECT_EQ(p.facts.since, kInstalled + Seconds{5});
  EXPECT_FALSE(p.store);
  EXPECT_THAT(p.facts.problem, HasSubstr("no connection"));
  EXPECT_TRUE(p.broken.empty());
}

TEST_F(GuardPlanTest, AForgedWriteThatPassedIsRememberedAsAGap) {
  o.probed = {ProbeResult::Result::Admitted, "errand-tokens", {}};
  const Plan p = plan();
  EXPECT_FALSE(p.facts.hold);
  EXPECT_EQ(p.facts.since, kInstalled + Seconds{5}) << "what runs goes on until it is known how long it was";
  EXPECT_THAT(p.broken, ElementsAre(policyOf("errand-tokens"), bindingOf("errand-tokens")));
  EXPECT_THAT(p.facts.problem, HasSubstr("errand-tokens is there and admits a forged write"));
  ASSERT_TRUE(p.store);
  EXPECT_TRUE(p.store->doubted);
  carryOut(p);
  EXPECT_FALSE(plan().store) << "it is written once";
  o.probed = {ProbeResult::Result::Refused, {}, {}};
  expectGap("uid and generation are as recorded");
  EXPECT_FALSE(plan().store->doubted);
}

TEST_F(GuardPlanTest, AGuardThatIsNotInForceYetIsNoGap) {
  o.record->guards.erase(policyOf("errand-tokens"));
  o.probed = {ProbeResult::Result::Admitted, "errand-tokens", {}};
  EXPECT_FALSE(plan().facts.hold);
  EXPECT_FALSE(plan().store);
  o.probed = {ProbeResult::Result::Refused, {}, {}};
  expectNoGap("once it is");
}

struct FirstRecordTest : GuardPlanTest {
  FirstRecordTest() {
    o.record.reset();
    o.recordCreated.reset();
  }
};

TEST_F(FirstRecordTest, TheGuardOfStatusHoldsSinceItsCreation) {
  seen(kStatusBinding).created = kInstalled + Seconds{2};
  seen(policyOf("errand-tokens")).generation = 5;
  const Plan p = plan();
  EXPECT_TRUE(p.facts.hold) << p.facts.problem;
  EXPECT_EQ(p.facts.since, kInstalled + Seconds{7}) << "an upgrade ends nothing";
  ASSERT_TRUE(p.store);
  EXPECT_EQ(p.store->guards.size(), o.guards.size());
  EXPECT_EQ(p.store->guards.at(kMutatingId), (Entry{"webhooks-uid", 0}));
  seen(kStatusPolicy).created = kInstalled + Seconds{4};
  EXPECT_EQ(plan().facts.since, kInstalled + Seconds{9}) << "the later of the two";
}

TEST_F(FirstRecordTest, AGuardOfStatusThatWasChangedHoldsFromNowOn) {
  seen(kStatusBinding).generation = 3;
  expectGap("binding");
  seen(kStatusBinding).generation = 1;
  seen(kStatusPolicy).generation = 2;
  expectGap("policy");
}

TEST_F(FirstRecordTest, NothingIsStoredBeforeItsPolicyIsInForce) {
  o.kept = Seconds{5};
  Plan p = plan();
  EXPECT_FALSE(p.facts.hold);
  EXPECT_FALSE(p.store);
  EXPECT_THAT(p.facts.problem, HasSubstr("errand-guard-record"));
  o.kept = Seconds{6};
  EXPECT_TRUE(plan().store);
}

TEST_F(FirstRecordTest, AStatusGuardThatHasJustBeenMadeIsNotInForceYet) {
  seen(kStatusPolicy).created = seen(kStatusBinding).created = kNow - Seconds{4};
  o.probed = {ProbeResult::Result::Admitted, "errand-status-tampering", {}};
  EXPECT_FALSE(plan().facts.hold);
  EXPECT_FALSE(plan().store);
  seen(kStatusBinding).created = seen(kStatusPolicy).created = kNow - Seconds{5};
  EXPECT_TRUE(plan().store);
}

TEST_F(FirstRecordTest, AStatusGuardThatAdmitsAForgedWriteIsAGap) {
  o.probed = {ProbeResult::Result::Admitted, "errand-status-tampering", {}};
  carryOut(plan());
  ASSERT_TRUE(o.record && o.record->doubted);
  o.probed = {ProbeResult::Result::Refused, {}, {}};
  expectGap("");
}

// Somebody who may write ConfigMaps of our namespace can have made one before there was a policy about it.
TEST_F(GuardPlanTest, ARecordAsOldAsItsPolicyIsNotBelieved) {
  for (const Seconds after : {Seconds{-100}, Seconds{0}, Seconds{4}}) {
    o.recordCreated = kInstalled + after;
    const Plan p = plan();
    EXPECT_TRUE(p.facts.hold);
    EXPECT_EQ(p.facts.since, kNow + Seconds{5});
    EXPECT_TRUE(p.replace);
    o.kept = Seconds{3};
    EXPECT_FALSE(plan().store) << "another would be no better yet";
    EXPECT_FALSE(plan().facts.since) << "nothing is said because of it";
    o.kept = Seconds{60};
  }
  carryOut(plan());
  EXPECT_FALSE(plan().replace);
  EXPECT_FALSE(plan().store);
}

TEST_F(GuardPlanTest, ARecordThatCannotBeReadIsAGap) {
  o.record.reset();
  expectGap("it is there, and says nothing");
  EXPECT_FALSE(plan().replace);
}

TEST_F(GuardPlanTest, AMomentIsAWholeSecondThatIsNotTooEarly) {
  seen(kStatusBinding).generation = 3;
  EXPECT_EQ(guards::plan(o, kNow + Millis{1}).facts.since, kNow + Seconds{6});
}

TEST_F(GuardPlanTest, AProbeIsDueWhereAGuardIsAnother) {
  auto other = o.guards;
  other[kMutatingId]->generation = 8;
  EXPECT_TRUE(sameIdentities(o.guards, other)) << "a rotation of the caBundle changes no policy";
  other[kStatusPolicy]->generation = 2;
  EXPECT_FALSE(sameIdentities(o.guards, other));
  EXPECT_TRUE(asShipped(other));
  other[kStatusPolicy].reset();
  EXPECT_FALSE(sameIdentities(o.guards, other));
  EXPECT_FALSE(asShipped(other));
}

}  // namespace
}  // namespace errand::guards
