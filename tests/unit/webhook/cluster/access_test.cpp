// The API server's access answers, requested in parallel to a review, and the meaning of a missing answer.
#include "webhook/cluster/access.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>

#include "core/base/guarded.hpp"
#include "tests/unit/core/kube/fakes.hpp"
#include "tests/unit/webhook/cluster/until.hpp"

namespace errand::webhook {
namespace {

using nlohmann::json;

// Allows only alice. While it is closed, a call waits until it is stopped or the server opens.
class Authorizers final : public kube::Transport {
 public:
  Result<kube::Response> call(const kube::Request& request, std::stop_token stop) override {
    const json body = json::parse(request.body.reveal());
    asked.access()->push_back(body["spec"]["resourceAttributes"]["name"]);
    until([&] { return !closed || stop.stop_requested(); });
    if (failing) return fail(ErrorKind::Timeout, "no answer");
    return kube::FakeTransport::response(
        201, json{{"status", {{"allowed", body["spec"]["user"] == "alice"}}}}.dump());
  }
  Result<kube::Response> stream(const kube::Request&, const Sink&, std::stop_token) override {
    return fail(ErrorKind::Invalid, "is not asked for");
  }
  size_t count() { return asked.access()->size(); }

  Guarded<std::vector<std::string>> asked;
  std::atomic<bool> closed = false, failing = false;
};

class AccessReviewsTest : public testing::Test {
 protected:
  static api::AccessRequest question(const std::string& user, const std::string& name = "bot") {
    return {api::Requester{user, "", {}, {}}, "request", "errand.dev", "agentidentities", "agents", name};
  }

  Authorizers server_;
  kube::FakePause pause_;
  kube::FakeClock clock_;
  kube::Client client_{server_, {}, pause_.seam()};
  AccessReviews reviews_{client_, clock_};
};

TEST_F(AccessReviewsTest, AnswersComeBesideAndAreKeptForThreeSeconds) {
  EXPECT_EQ(reviews_.may(question("alice")), std::nullopt);
  reviews_.want({question("alice"), question("mallory")});
  ASSERT_TRUE(until([&] { return reviews_.may(question("alice")) && reviews_.may(question("mallory")); }));
  EXPECT_EQ(reviews_.may(question("alice")), true);
  EXPECT_EQ(reviews_.may(question("mallory")), false);
  EXPECT_EQ(reviews_.may(question("alice", "other")), std::nullopt);
  EXPECT_EQ(server_.count(), 2u);
  clock_.advance(Seconds{3} + Millis{1});
  EXPECT_EQ(reviews_.may(question("alice")), std::nullopt);
}

TEST_F(AccessReviewsTest, NoAnswerIsNeitherYesNorNoAndIsAskedForAgain) {
  server_.failing = true;
  reviews_.want({question("alice")});
  ASSERT_TRUE(until([&] { return server_.count() >= 1; }));
  EXPECT_EQ(reviews_.may(question("alice")), std::nullopt);
  server_.failing = false;
  ASSERT_TRUE(until([&] {
    reviews_.want({question("alice")});
    return reviews_.may(question("alice")).has_value();
  }));
  EXPECT_EQ(reviews_.may(question("alice")), true);
}

TEST_F(AccessReviewsTest, ACrowdOfQuestionsOfOneClientKeepsNobodyElseWaiting) {
  server_.closed = true;
  for (int i = 0; i < 5000; ++i)
    reviews_.want({question("mallory", "n" + std::to_string(i))}, {"evil", "evil", std::to_string(i % 256)});
  reviews_.want({question("alice")}, {"api1", "api1", "agents"});
  server_.closed = false;
  ASSERT_TRUE(until([&] { return reviews_.may(question("alice")).has_value(); }));
  const std::vector<std::string> asked = *server_.asked.access();
  EXPECT_LT(std::ranges::find(asked, "bot") - asked.begin(), 50) << "as the threads happen to run";
}

// Its answer comes in the author's turn, whoever has asked the same before.
TEST_F(AccessReviewsTest, WhoNamesTheQuestionsOfOthersDoesNotDelayThem) {
  server_.closed = true;
  for (int i = 0; i < 1000; ++i)
    reviews_.want({question("mallory", "n" + std::to_string(i))}, {"evil", "evil", ""});
  reviews_.want({question("alice")}, {"evil", "evil", ""});
  reviews_.want({question("alice")}, {"api1", "api1", "agents"});
  server_.closed = false;
  ASSERT_TRUE(until([&] { return reviews_.may(question("alice")).has_value(); }));
  const std::vector<std::string> asked = *server_.asked.access();
  EXPECT_LT(std::ranges::find(asked, "bot") - asked.begin(), 50) << "as the threads happen to run";
}

TEST_F(AccessReviewsTest, WhatIsAskedAlreadyIsNotAskedTwiceAndTheLineIsBounded) {
  server_.closed = true;
  for (int round = 0; round < 3; ++round) reviews_.want({question("alice")});
  ASSERT_TRUE(until([&] { return server_.count() == 1; }));
  for (int i = 0; i < 5000; ++i) reviews_.want({question("alice", "n" + std::to_string(i))});
  server_.closed = false;
  // The line, and what was under way while nobody answered.
  ASSERT_TRUE(until([&] { return reviews_.may(question("alice", "n2040")).has_value(); }));
  ASSERT_TRUE(until([&] { return server_.count() >= 2048; }));
  EXPECT_LE(server_.count(), 2052u);
  EXPECT_EQ(reviews_.may(question("alice", "n4999")), std::nullopt);
}

}  // namespace
}  // namespace errand::webhook
