// Nothing is minted for a grant that does not say who asked, or whose requester may not ask; the status says
// why.
#include "operator/plan/checks/request.hpp"

#include "tests/unit/operator/plan/fixture.hpp"

namespace errand::plan {
namespace {

using testing::HasSubstr;

struct RequestTest : testing::Test, PlanFixture {
  // The reason why it ended, having minted nothing.
  std::string denied() {
    const Plan p = run();
    EXPECT_FALSE(mints(p));
    EXPECT_EQ(p.status.phase, api::Phase::Denied);
    return p.status.endedBecause;
  }
};

TEST_F(RequestTest, AGrantThatDoesNotSayWhoAskedIsDenied) {
  o.request.requester = std::unexpected(api::RequesterProblem{"metadata.annotations: create it again"});
  EXPECT_EQ(denied(), "RequesterNotRecorded");
  EXPECT_THAT(message(run().status, "Ready"), HasSubstr("create it again"));
}

TEST_F(RequestTest, StatusSaysWhoAskedByTheRecordAlone) {
  EXPECT_EQ(run().status.requestedBy, "alice");
  grant->status.requestedBy = "mallory";
  EXPECT_EQ(run().status.requestedBy, "alice");
  o.request.requester = std::unexpected(api::RequesterProblem{"x"});
  EXPECT_EQ(run().status.requestedBy, "") << "nobody is believed to have asked";
}

TEST_F(RequestTest, ARequesterWithoutTheVerbIsDeniedAndNamed) {
  o.request.mayRequest = false;
  EXPECT_EQ(denied(), "RequesterNotAuthorized");
  EXPECT_THAT(message(run().status, "Ready"),
              HasSubstr("user \"alice\", who asked, may not request AgentIdentity \"triage-bot\""));
}

TEST_F(RequestTest, NothingIsMintedWhileTheVerbIsNotKnown) {
  o.request.mayRequest.reset();
  const Plan p = run();
  EXPECT_FALSE(mints(p));
  EXPECT_EQ(p.status.phase, api::Phase::Pending);
  EXPECT_TRUE(p.requeueAfter && *p.requeueAfter <= Millis{1000});
  EXPECT_FALSE(starts(p, *grant));
  o.request = {};
  untouched();
  EXPECT_FALSE(starts(run(), *grant));
  EXPECT_EQ(position<CreateAccount>(run()), -1);
}

TEST_F(RequestTest, AnEventSaysWhoAskedOnceItIsAccepted) {
  untouched();
  const Plan p = run();
  ASSERT_EQ(actions<CreateAccount>(p).size(), 1u);
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
