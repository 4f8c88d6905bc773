// The check reads the requester that admission recorded, and asks RBAC about it.
#include "operator/control/requestercheck.hpp"

#include <gmock/gmock.h>

#include "tests/unit/operator/apply/fakeapi.hpp"

namespace errand::control {
namespace {

using nlohmann::json;

struct RequesterCheckTest : testing::Test {
  apply::FakeApi api;
  kube::Client client{api, {}, [](Millis, const std::stop_token&) { return true; }};
  RequesterCheck requests{client, systemClock()};

  RequesterCheckTest() { answer(201, true); }

  void answer(int code, bool allowed) {
    api.instead("POST subjectaccessreviews", code, {{"status", {{"allowed", allowed}}}});
  }

  static api::TaskGrant grant(const std::string& name) {
    api::TaskGrant out;
    out.meta.ns = "agents";
    out.meta.name = name;
    out.spec.agentIdentity = "bot";
    out.meta.annotations = api::recordRequester({"alice", "u", {"dev", "system:masters"}, {}}).value();
    return out;
  }
};

TEST_F(RequesterCheckTest, TheRequesterIsAskedAboutAsRecorded) {
  const plan::Provenance r = requests.check(grant("g-1"));
  ASSERT_TRUE(r.checked && r.requester);
  EXPECT_EQ(r.requester->user, "alice");
  EXPECT_EQ(r.mayRequest, true);
  const json spec = api.last("POST subjectaccessreviews")->body["spec"];
  EXPECT_EQ(spec["user"], "alice");
  EXPECT_EQ(spec["uid"], "u");
  EXPECT_EQ(spec["groups"], json::array({"dev"})) << "system:masters does not count";
  EXPECT_EQ(spec["resourceAttributes"],
            json::parse(R"({"verb": "request", "group": "errand.dev", "version": "*", "subresource": "",
                            "resource": "agentidentities", "namespace": "agents", "name": "bot"})"));
}

TEST_F(RequesterCheckTest, AnAnswerServesManyAndAFailureNone) {
  answer(500, true);
  EXPECT_EQ(requests.check(grant("g-1")).mayRequest, std::nullopt);
  answer(201, false);
  EXPECT_EQ(requests.check(grant("g-1")).mayRequest, false);
  EXPECT_EQ(requests.check(grant("g-2")).mayRequest, false);
  EXPECT_EQ(api.count("POST subjectaccessreviews"), 2u);
}

TEST_F(RequesterCheckTest, AboutAGrantThatDoesNotSayWhoAskedNobodyIsAsked) {
  api::TaskGrant g = grant("g-1");
  g.meta.annotations.erase(std::string(api::kRequesterUser));
  const plan::Provenance r = requests.check(g);
  EXPECT_TRUE(r.checked);
  EXPECT_FALSE(r.requester);
  EXPECT_TRUE(api.calls.empty());
}

}  // namespace
}  // namespace errand::control
