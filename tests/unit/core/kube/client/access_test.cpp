// The cache of access reviews: a question is sent once, its answer is kept briefly, a failure is no answer.
#include "core/kube/client/access.hpp"

#include <gmock/gmock.h>

#include "tests/unit/core/kube/fakes.hpp"

namespace errand::kube {
namespace {

using nlohmann::json;

class AccessTest : public testing::Test {
 protected:
  void says(json status) { transport_.answer(201, json{{"status", std::move(status)}}.dump()); }

  FakeTransport transport_;
  FakePause pause_;
  FakeClock clock_;
  Client client_{transport_, {}, pause_.seam()};
  Access access_{client_, clock_};
  const api::AccessRequest question_{api::Requester{"alice", "u", {"dev"}, {{"k", {"v"}}}},
                                     "request",
                                     "errand.dev",
                                     "agentidentities",
                                     "ns",
                                     "bot"};
};

TEST_F(AccessTest, AnAnswerServesThreeSecondsAndOneQuestion) {
  EXPECT_EQ(access_.known(question_), std::nullopt);
  says({{"allowed", true}});
  EXPECT_EQ(access_.ask(question_), true);
  clock_.advance(Seconds{3});
  EXPECT_EQ(access_.ask(question_), true);
  EXPECT_EQ(transport_.seen.size(), 1u);
  api::AccessRequest other = question_;
  other.name = "another";
  EXPECT_EQ(access_.known(other), std::nullopt);
  other = question_;
  other.who = api::Requester{"alice", "u", {}, {{"k", {"v"}}}};
  EXPECT_EQ(access_.known(other), std::nullopt);
  clock_.advance(Millis{1});
  EXPECT_EQ(access_.known(question_), std::nullopt);
  says({{"allowed", false}});
  EXPECT_EQ(access_.ask(question_), false);
}

TEST_F(AccessTest, WhoAsksIsToldApartByADigestThatIsMadeOnce) {
  const std::string large(1 << 20, 'g');
  const api::AccessRequest one{api::Requester{"alice", "", {large}, {}}, "bind", "", "roles", "ns", "a"};
  api::AccessRequest same = one;
  same.name = "b";
  EXPECT_EQ(&*one.who, &*same.who) << "one requester for all questions";
  EXPECT_LT(api::keyOf(one).size(), 200u);
  EXPECT_NE(api::keyOf(one), api::keyOf(same));
  for (const api::Requester& other :
       {api::Requester{"alice", "", {large + "g"}, {}}, api::Requester{"alice", large, {}, {}},
        api::Requester{"alice", "", {}, {{large, {}}}}, api::Requester{"alice", "", {large, ""}, {}}}) {
    api::AccessRequest question = one;
    question.who = other;
    EXPECT_NE(api::keyOf(question), api::keyOf(one));
  }
}

TEST_F(AccessTest, WhoIsDeniedByAnyMayNot) {
  says({{"allowed", true}, {"denied", true}});
  EXPECT_EQ(access_.ask(question_), false);
}

TEST_F(AccessTest, AFailureIsNoAnswer) {
  transport_.answer(403, "{}");
  EXPECT_EQ(access_.ask(question_), std::nullopt);
  EXPECT_EQ(access_.known(question_), std::nullopt);
}

}  // namespace
}  // namespace errand::kube
