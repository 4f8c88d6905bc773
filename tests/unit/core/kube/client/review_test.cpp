// Tokens, reviews and events: the claims are read, and no token is repeated.
#include "core/kube/client/review.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/kube/client/client.hpp"
#include "tests/unit/core/kube/fakes.hpp"

namespace errand::kube {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

std::string jwt(const std::string& claims) {
  std::string payload = base64Encode(claims);
  std::erase(payload, '=');
  std::ranges::replace(payload, '+', '-');
  std::ranges::replace(payload, '/', '_');
  return "eyJhbGciOiJSUzI1NiJ9." + payload + ".c2lnbmF0dXJl";
}

class ReviewTest : public testing::Test {
 protected:
  FakeTransport transport_;
  FakePause pause_;
  Client client_{transport_, {}, pause_.seam()};
  json lastBody() const { return json::parse(transport_.seen.back().body); }
};

TEST_F(ReviewTest, IssuedTokenIsReadFromItsOwnClaims) {
  const std::string token = jwt(R"({"iat":1700000000,"exp":1700000600,"jti":"id-1"})");
  transport_.answer(201, json{{"spec", {{"audiences", {"\"token\":\"trap\""}}}},
                              {"status", {{"token", token}, {"expirationTimestamp", "2099-01-01T00:00:00Z"}}}}
                             .dump());
  const auto issued = client_.requestToken(
      "ns", "acc", {{"tool"}, Seconds{600}, ObjectReference{"v1", "Secret", "", "s", "u"}});
  ASSERT_TRUE(issued.has_value()) << issued.error().message;
  EXPECT_EQ(issued->token.reveal(), token);
  EXPECT_EQ(issued->issuedAt, Time{Seconds{1700000000}});
  EXPECT_EQ(issued->expiresAt, Time{Seconds{1700000600}});
  EXPECT_EQ(issued->credentialId, "id-1");
  EXPECT_EQ(transport_.seen[0].line, "POST /api/v1/namespaces/ns/serviceaccounts/acc/token");
  EXPECT_EQ(
      lastBody()["spec"].dump(),
      R"({"audiences":["tool"],"boundObjectRef":{"apiVersion":"v1","kind":"Secret","name":"s","uid":"u"},"expirationSeconds":600})");
}

TEST_F(ReviewTest, ATokenWithoutTheClaimsIsAnErrorThatDoesNotShowIt) {
  for (const std::string& token :
       {std::string("opaque"), std::string("a.b.c"), jwt("{}"), jwt(R"({"iat":5,"exp":4,"jti":"x"})"),
        jwt(R"({"iat":"1","exp":2,"jti":"x"})"), jwt(R"({"iat":1,"exp":2})"), std::string()}) {
    transport_.answer(201, json{{"status", {{"token", token}}}}.dump());
    const auto issued = client_.requestToken("ns", "acc", {});
    ASSERT_FALSE(issued.has_value()) << token;
    EXPECT_EQ(issued.error().message,
              "request token for serviceaccount ns/acc: the API server issued a token that is not a JWT with "
              "iat, exp and jti");
  }
}

TEST_F(ReviewTest, ReviewReadsTheVerdictAndHidesTheToken) {
  const std::string token = jwt("{}");
  transport_.answer(201, json{{"spec", {{"token", token}}},
                              {"status", {{"authenticated", false}, {"error", "cannot parse " + token}}}}
                             .dump());
  const auto review = client_.reviewToken(Sensitive(token), {"tool"}, true);
  ASSERT_TRUE(review.has_value());
  EXPECT_FALSE(review->authenticated);
  EXPECT_THAT(review->error, HasSubstr("cannot parse ---"));
  EXPECT_THAT(review->error, Not(HasSubstr(token)));
  EXPECT_TRUE(transport_.seen[0].freshConnection);
  EXPECT_EQ(lastBody()["spec"]["token"], token);
  EXPECT_EQ(lastBody()["spec"]["audiences"].dump(), R"(["tool"])");
}

TEST_F(ReviewTest, ReviewOfAGoodToken) {
  transport_.answer(201, R"({"status":{"authenticated":true,"audiences":["tool"],)"
                         R"("user":{"username":"system:serviceaccount:ns:a","uid":"u","groups":["g"]}}})");
  const auto review = client_.reviewToken(Sensitive("abc.def"), {}, false);
  ASSERT_TRUE(review.has_value());
  EXPECT_TRUE(review->authenticated);
  EXPECT_EQ(review->username, "system:serviceaccount:ns:a");
  EXPECT_FALSE(transport_.seen[0].freshConnection);
}

TEST_F(ReviewTest, AFailedReviewIsNoVerdict) {
  transport_.answer(500, statusBody(500, "InternalError", "could not review abc.def"));
  const auto review = client_.reviewToken(Sensitive("abc.def"), {}, false);
  ASSERT_FALSE(review.has_value());
  EXPECT_EQ(review.error().message, "review token: the API server answered 500 InternalError");
  EXPECT_FALSE(client_.reviewToken(Sensitive("a\"b"), {}, false).has_value())
      << "would break out of the JSON string";
  EXPECT_FALSE(client_.reviewToken({}, {}, false).has_value());
}

TEST_F(ReviewTest, AnAnswerThatIsNoObjectIsNoVerdict) {
  for (const char* answer : {"[]", "null", "7", R"({"status":[]})", R"({"status":{},"status":{}})", ""}) {
    transport_.answer(201, answer);
    EXPECT_FALSE(client_.reviewToken(Sensitive("abc.def"), {}, false).has_value()) << answer;
    transport_.answer(201, answer);
    EXPECT_FALSE(client_.accessReview({.user = "u", .verb = "get"}).has_value()) << answer;
  }
}

TEST_F(ReviewTest, AccessReviewAsksForAResourceOrAPath) {
  transport_.answer(201, R"({"status":{"allowed":false,"denied":true,"reason":"no"}})");
  const auto answer =
      client_.accessReview({.user = "u", .groups = {"g"}, .verb = "get", .resource = "pods", .ns = "ns"});
  ASSERT_TRUE(answer.has_value());
  EXPECT_FALSE(answer->allowed);
  EXPECT_TRUE(answer->denied);
  EXPECT_EQ(lastBody()["spec"]["resourceAttributes"]["namespace"], "ns");
  transport_.answer(201, R"({"status":{"allowed":true}})");
  EXPECT_TRUE(client_.accessReview({.user = "u", .verb = "get", .path = "/metrics"})->allowed);
  EXPECT_EQ(lastBody()["spec"]["nonResourceAttributes"]["path"], "/metrics");
}

}  // namespace
}  // namespace errand::kube
