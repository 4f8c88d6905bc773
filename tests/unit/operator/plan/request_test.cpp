// Nothing is minted for what admission did not see, and each such grant says why.
#include "operator/plan/judge/request.hpp"

#include "tests/unit/operator/plan/world.hpp"

namespace errand::plan {
namespace {

using testing::HasSubstr;

struct RequestTest : testing::Test, World {
  // The reason why it ended, having minted nothing.
  std::string denied() {
    const Plan p = run();
    EXPECT_FALSE(mints(p));
    EXPECT_EQ(p.status.phase, api::Phase::Denied);
    return p.status.endedBecause;
  }
};

TEST_F(RequestTest, WhatIsNotSealedIsDenied) {
  for (const char* reason : {"Unsealed", "SealBroken", "SealKeyUnknown"}) {
    o.request.seal = std::unexpected(api::SealProblem{reason, "metadata.annotations: create it again"});
    EXPECT_EQ(denied(), reason);
    EXPECT_THAT(message(run().status, "Ready"), HasSubstr("create it again"));
  }
}

TEST_F(RequestTest, StatusSaysWhoAskedBySealAlone) {
  EXPECT_EQ(run().status.requestedBy, "alice");
  grant->status.requestedBy = "mallory";
  EXPECT_EQ(run().status.requestedBy, "alice");
  o.request.seal = std::unexpected(api::SealProblem{"SealBroken", "x"});
  EXPECT_EQ(run().status.requestedBy, "") << "nobody is believed to have asked";
}

TEST_F(RequestTest, ASealIsGoodForTheGrantThatItWasFirstSeenOn) {
  o.request.sealOf = "another-uid";
  EXPECT_EQ(denied(), "SealReplayed");
}

TEST_F(RequestTest, ASealIsGoodForAMinute) {
  const Time made = *grant->meta.creationTimestamp;
  for (const Seconds apart : {Seconds{60}, Seconds{-60}}) {
    o.request.seal->at = made - apart;
    EXPECT_TRUE(mints(run())) << apart.count();
  }
  for (const Seconds apart : {Seconds{61}, Seconds{-61}}) {
    o.request.seal->at = made - apart;
    EXPECT_EQ(denied(), "SealStale") << apart.count();
  }
  o.request.seal->at = made;
  grant->meta.creationTimestamp.reset();
  EXPECT_EQ(denied(), "SealStale");
}

TEST_F(RequestTest, WhoMayNoLongerRequestIsDeniedAndNamed) {
  o.request.may = false;
  EXPECT_EQ(denied(), "RequesterMayNot");
  EXPECT_THAT(message(run().status, "Ready"),
              HasSubstr("user \"alice\", who asked, may not request AgentIdentity \"triage-bot\""));
}

TEST_F(RequestTest, NothingIsMintedWhileItIsNotKnown) {
  o.request.may.reset();
  EXPECT_FALSE(mints(run()));
  EXPECT_FALSE(isTerminal(*run().status.phase));
  o.request = {};
  const Plan p = run();
  EXPECT_FALSE(mints(p));
  EXPECT_EQ(position<CreateAccount>(p), -1);
  EXPECT_EQ(p.status.phase, api::Phase::Pending);
  EXPECT_TRUE(p.requeueAfter && *p.requeueAfter <= Millis{1000});
}

TEST_F(RequestTest, TheAccountRemembersTheSealAndAnEventSaysWhoAsked) {
  o.account = nullptr;
  const Plan p = run();
  const auto made = actions<CreateAccount>(p);
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].account.meta.label(api::kSealNonceLabel), "nonce");
  ASSERT_EQ(p.events.size(), 1u) << "of a start there is one more event, Active";
  EXPECT_EQ(p.events[0].note, "asked for by alice");
}

TEST_F(RequestTest, AGrantThatHasBegunIsNotJudgedAnew) {
  started(kNow - Seconds{10});
  o.request = {};
  EXPECT_EQ(run().status.phase, api::Phase::Active);
}

}  // namespace
}  // namespace errand::plan
