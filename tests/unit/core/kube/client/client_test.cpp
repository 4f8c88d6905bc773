// The request that the client sends for each verb, and its handling of the server's error responses.
#include "core/kube/client/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/kube/fakes.hpp"

namespace errand::kube {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class ClientTest : public testing::Test {
 protected:
  FakeTransport transport_;
  FakePause pause_;
  Client client_{transport_, {}, pause_.seam()};

  const Seen& last() const { return transport_.seen.back(); }
  json lastBody() const { return json::parse(last().body); }
};

TEST_F(ClientTest, GetDropsManagedFields) {
  transport_.answer(
      200,
      R"({"metadata":{"name":"p","managedFields":[{"manager":"x"}],"labels":{"managedFields":"kept"}}})");
  const auto pod = client_.get(api::kPods, "ns", "p");
  ASSERT_TRUE(pod.has_value());
  EXPECT_EQ(pod->dump(), R"({"metadata":{"labels":{"managedFields":"kept"},"name":"p"}})");
  EXPECT_EQ(last().line, "GET /api/v1/namespaces/ns/pods/p");
}

TEST_F(ClientTest, ListFollowsPagesAndStartsAgainWhereTheyExpire) {
  transport_.answer(200, R"({"metadata":{"resourceVersion":"5","continue":"c1"},"items":[{"a":1}]})");
  transport_.answer(410, statusBody(410, "Expired", "too old"));
  transport_.answer(200, R"({"metadata":{"resourceVersion":"9","continue":"c2"},"items":[{"a":2}]})");
  transport_.answer(200, R"({"metadata":{"resourceVersion":"9"},"items":[{"a":3}]})");
  const auto list = client_.list(api::kPods, {.ns = "ns", .labelSelector = "a=b", .metadataOnly = true});
  ASSERT_TRUE(list.has_value()) << list.error().message;
  EXPECT_EQ(list->dump(), R"({"items":[{"a":2},{"a":3}],"metadata":{"resourceVersion":"9"}})");
  EXPECT_EQ(last().line, "GET /api/v1/namespaces/ns/pods?limit=500&labelSelector=a%3Db&continue=c2");
  EXPECT_THAT(last().accept, HasSubstr("as=PartialObjectMetadataList"));
}

TEST_F(ClientTest, OnlyTheRepeatedPageOfAListCountsAsARetry) {
  transport_.answer(429, statusBody(429, "TooManyRequests", "later"));
  transport_.answer(200, R"({"metadata":{"continue":"c1"},"items":[]})");
  transport_.answer(200, R"({"metadata":{},"items":[]})");
  ASSERT_TRUE(client_.list(api::kPods, {}).has_value());
  ASSERT_EQ(transport_.seen.size(), 3U);
  EXPECT_EQ(transport_.seen[0].repeats, 0);
  EXPECT_EQ(transport_.seen[1].repeats, 429);
  EXPECT_EQ(transport_.seen[2].repeats, 0);
}

TEST_F(ClientTest, ServedKindsAreTheNamesOfTheDiscoveryList) {
  transport_.answer(200,
                    R"({"resources":[{"name":"taskgrants"},{"name":"taskgrants/status"},{"verbs":[]}]})");
  const auto kinds = client_.servedKinds("errand.dev", "v1alpha1");
  ASSERT_TRUE(kinds.has_value()) << kinds.error().message;
  EXPECT_THAT(*kinds, testing::ElementsAre("taskgrants", "taskgrants/status"));
  EXPECT_EQ(last().line, "GET /apis/errand.dev/v1alpha1");
  transport_.answer(404, "404 page not found");
  EXPECT_EQ(client_.servedKinds("absent.example.com", "v1").error().kind, ErrorKind::NotFound);
  transport_.answer(200, "{}");
  EXPECT_EQ(client_.servedKinds("errand.dev", "v1alpha1").error().kind, ErrorKind::Internal);
}

TEST_F(ClientTest, ScalesThroughTheSubresource) {
  transport_.answer(200, R"({"kind":"Scale","spec":{"replicas":0}})");
  ASSERT_TRUE(client_.scale("errand-system", "errand-operator", 0).has_value());
  EXPECT_THAT(last().line,
              HasSubstr("PATCH /apis/apps/v1/namespaces/errand-system/deployments/errand-operator/scale"));
  EXPECT_EQ(lastBody(), json({{"spec", {{"replicas", 0}}}}));
  transport_.answer(403, statusBody(403, "Forbidden", "no"));
  EXPECT_EQ(client_.scale("errand-system", "errand-operator", 0).error().kind, ErrorKind::Forbidden);
}

TEST_F(ClientTest, AnAttemptIsADryRunOfTheTokensOwner) {
  const Sensitive token("of-another");
  transport_.answer(201, "{}");
  EXPECT_TRUE(client_.tryAs(token, {api::kPods, "ns", "", R"({"a":1})"}).has_value());
  EXPECT_EQ(last().line, "POST /api/v1/namespaces/ns/pods?dryRun=All&fieldManager=errand-operator");
  EXPECT_EQ(last().bearer, "of-another");
  EXPECT_EQ(lastBody(), json({{"a", 1}}));
  transport_.answer(403, statusBody(403, "Forbidden", "policy p denied it"));
  const auto refused = client_.tryAs(token, {api::kNamespaces, "", "ns", R"({"b":2})"});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::Forbidden);
  EXPECT_THAT(refused.error().message, HasSubstr("policy p denied it"));
  EXPECT_EQ(last().line, "PATCH /api/v1/namespaces/ns?dryRun=All&fieldManager=errand-operator");
  EXPECT_EQ(last().contentType, "application/merge-patch+json");
}

TEST_F(ClientTest, AnAttemptThatIsSentAgainStaysOne) {
  transport_.answer(429, statusBody(429, "TooManyRequests", "later"));
  transport_.answer(201, "{}");
  EXPECT_TRUE(client_.tryAs(Sensitive("of-another"), {api::kPods, "ns", "", "{}"}).has_value());
  EXPECT_EQ(last().repeats, 429);
  EXPECT_EQ(last().bearer, "of-another");
}

TEST(RequestTest, ACopyComesAsTheSameOwner) {
  Request request;
  request.bearer = Sensitive("of-another");
  EXPECT_EQ(request.copy().bearer.reveal(), "of-another");
}

TEST_F(ClientTest, ApplyIsForcedAndNamesTheManager) {
  transport_.answer(200, "{}");
  ASSERT_TRUE(client_.apply(api::kRoleBindings, "ns", "rb", {{"kind", "RoleBinding"}}).has_value());
  EXPECT_EQ(last().line,
            "PATCH "
            "/apis/rbac.authorization.k8s.io/v1/namespaces/ns/rolebindings/"
            "rb?fieldManager=errand-operator&force=true");
  EXPECT_EQ(last().contentType, "application/apply-patch+yaml");
}

TEST_F(ClientTest, StatusIsReplacedUnderAVersion) {
  transport_.answer(200, "{}");
  transport_.answer(200, "{}");
  ASSERT_TRUE(client_.patchStatus(api::kTaskGrants, "ns", "g", {{"phase", "Active"}}, "7").has_value());
  EXPECT_THAT(last().line, HasSubstr("/taskgrants/g/status?"));
  EXPECT_EQ(last().contentType, "application/json-patch+json");
  EXPECT_EQ(lastBody().dump(), R"([{"op":"replace","path":"/metadata/resourceVersion","value":"7"},)"
                               R"({"op":"add","path":"/status","value":{"phase":"Active"}}])");
  ASSERT_TRUE(client_.patchStatus(api::kTaskGrants, "ns", "g", json::object()).has_value());
  EXPECT_EQ(lastBody().size(), 1U);
}

TEST_F(ClientTest, StatusIsReplacedUnderTests) {
  transport_.answer(200, "{}");
  const json tests = json::array({{{"op", "test"}, {"path", "/metadata/uid"}, {"value", "u-1"}}});
  ASSERT_TRUE(client_.patchStatusIf(api::kTaskGrants, "ns", "g", tests, json::object()).has_value());
  EXPECT_EQ(lastBody().dump(), R"([{"op":"test","path":"/metadata/uid","value":"u-1"},)"
                               R"({"op":"add","path":"/status","value":{}}])");
}

TEST_F(ClientTest, DeletionNamesTheUid) {
  transport_.answer(200, "{}");
  ASSERT_TRUE(client_.remove(api::kSecrets, "ns", "s", "u-1", Propagation::Foreground).has_value());
  EXPECT_EQ(last().line, "DELETE /api/v1/namespaces/ns/secrets/s");
  EXPECT_EQ(lastBody()["preconditions"]["uid"], "u-1");
  EXPECT_EQ(lastBody()["propagationPolicy"], "Foreground");
  EXPECT_THAT(last().accept, HasSubstr("PartialObjectMetadata"))
      << "a deleted Secret's data must not come back";
  transport_.answer(404, statusBody(404, "NotFound", "gone"));
  EXPECT_EQ(client_.remove(api::kSecrets, "ns", "s", "u-1").error().kind, ErrorKind::NotFound);
}

TEST_F(ClientTest, RawWritesAnswerWithMetadata) {
  transport_.answer(201, R"({"metadata":{"name":"s","uid":"u","resourceVersion":"3"}})");
  const auto made = client_.createRaw(api::kSecrets, "ns", Sensitive("{\"data\":{}}"));
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->meta.uid, "u");
  EXPECT_THAT(last().accept, HasSubstr("as=PartialObjectMetadata;"));
}

TEST_F(ClientTest, RefusalsOfSensitiveWritesDoNotRepeatTheValue) {
  const std::string invalid =
      R"({"code":422,"reason":"Invalid","message":"data[k]: Invalid value: \"hunter2\"",)"
      R"("details":{"causes":[{"field":"data[k]","message":"hunter2"}]}})";
  transport_.answer(422, invalid);
  const auto refused = client_.applyRaw(api::kSecrets, "ns", "s", Sensitive("hunter2"));
  EXPECT_EQ(refused.error().kind, ErrorKind::Invalid);
  EXPECT_THAT(refused.error().message, Not(HasSubstr("hunter2")));
  EXPECT_THAT(refused.error().message, HasSubstr("data[k]"));
  const std::string policy = "secrets \"s\" is forbidden: ValidatingAdmissionPolicy 'p' denied request: no";
  transport_.answer(422, statusBody(422, "Invalid", policy));
  EXPECT_THAT(client_.applyRaw(api::kSecrets, "ns", "s", Sensitive("x")).error().message, HasSubstr(policy));
}

TEST_F(ClientTest, ErrorsSayWhatWasDoneAndWhatTheServerSaid) {
  transport_.answer(403, statusBody(403, "Forbidden", "pods is forbidden"));
  const auto refused = client_.get(api::kPods, "ns", "p");
  EXPECT_EQ(refused.error().message, "get pods ns/p: pods is forbidden");
  EXPECT_EQ(refused.error().kind, ErrorKind::Forbidden);
}

TEST_F(ClientTest, KindsFollowTheReasonThenTheCode) {
  const std::tuple<int, const char*, ErrorKind> cases[] = {{409, "AlreadyExists", ErrorKind::AlreadyExists},
                                                           {409, "Conflict", ErrorKind::Conflict},
                                                           {410, "Expired", ErrorKind::Gone},
                                                           {500, "ServerTimeout", ErrorKind::Unavailable},
                                                           {401, "", ErrorKind::Unauthorized},
                                                           {400, "BadRequest", ErrorKind::Invalid},
                                                           {504, "Timeout", ErrorKind::Timeout},
                                                           {503, "", ErrorKind::Unavailable},
                                                           {413, "RequestEntityTooLarge", ErrorKind::Invalid},
                                                           {302, "", ErrorKind::Internal}};
  for (const auto& [code, reason, kind] : cases) {
    transport_.answer(code, statusBody(code, reason, "m"));
    EXPECT_EQ(client_.get(api::kPods, "ns", "p").error().kind, kind) << code << reason;
  }
  transport_.answer(502, "<html>bad gateway</html>");
  EXPECT_EQ(client_.get(api::kPods, "ns", "p").error().message, "get pods ns/p: the API server answered 502");
}

TEST_F(ClientTest, AUidThatDiffersIsAConflict) {
  transport_.answer(
      422,
      R"({"code":422,"reason":"Invalid","message":"m","details":{"causes":[{"field":"metadata.uid"}]}})");
  EXPECT_EQ(client_.apply(api::kServiceAccounts, "ns", "a", json::object()).error().kind,
            ErrorKind::Conflict);
}

TEST_F(ClientTest, TooManyRequestsIsWaitedForWithinBounds) {
  transport_.answer(429, "", Millis{2000});
  transport_.answer(429, "", Millis{3'600'000});
  transport_.answer(200, "{}");
  EXPECT_TRUE(client_.create(api::kPods, "ns", json::object()).has_value());
  EXPECT_EQ(pause_.waits, (std::vector{Millis{2000}, Millis{10'000}}));
  for (int i = 0; i < 4; ++i) transport_.answer(429, "", Millis{5000});
  const auto refused = client_.get(api::kPods, "ns", "p");
  EXPECT_EQ(refused.error().kind, ErrorKind::TooManyRequests);
  EXPECT_EQ(refused.error().retryAfter, Millis{5000});
  EXPECT_EQ(transport_.seen.size(), 7U);
}

TEST_F(ClientTest, AnotherFailureIsNotTriedAgain) {
  transport_.fail(ErrorKind::Unavailable, "connection reset");
  const auto failed = client_.create(api::kPods, "ns", json::object());
  EXPECT_EQ(failed.error().message, "create pods ns: connection reset");
  EXPECT_EQ(transport_.seen.size(), 1U);
  transport_.answer(200, "not json");
  EXPECT_THAT(client_.get(api::kPods, "ns", "p").error().message,
              HasSubstr("answer of the API server: not valid JSON"));
  transport_.answer(200, std::string(300, '[') + std::string(300, ']'));
  EXPECT_THAT(client_.get(api::kPods, "ns", "p").error().message, HasSubstr("nested deeper"));
}

}  // namespace
}  // namespace errand::kube
