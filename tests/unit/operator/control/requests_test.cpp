// Seals checked with real keys, nonces remembered, and RBAC asked.
#include "operator/control/requests.hpp"

#include <gmock/gmock.h>

#include "operator/control/wakeups.hpp"
#include "tests/unit/operator/apply/fakeapi.hpp"

namespace errand::control {
namespace {

using nlohmann::json;

struct RequestsTest : testing::Test {
  apply::FakeApi api;
  kube::Client client{api, {}, [](Millis, const std::stop_token&) { return true; }};
  apply::Stores stores;
  Queues queues;
  seals::Accepted accepted;
  Requests requests{stores, accepted, client, systemClock()};
  SigningKey key = SigningKey::make().value();

  RequestsTest() {
    connect(stores, queues);
    *accepted.access() = VerifyingKeys::read(key.publicPem()).value();
    answer(201, true);
  }

  void answer(int code, bool allowed) {
    api.instead("POST subjectaccessreviews", code, {{"status", {{"allowed", allowed}}}});
  }

  api::TaskGrant grant(const std::string& name, const std::string& nonce) const {
    api::TaskGrant out;
    out.meta.ns = "agents";
    out.meta.generateName = "g-";
    out.spec.agentIdentity = "bot";
    const api::Requester alice{"alice", "u", {"dev"}, {}};
    out.meta.annotations.merge(api::seal(out, alice, key, nonce, Time{}).value());
    out.meta.name = name;
    out.meta.uid = name + "-uid";
    return out;
  }
};

TEST_F(RequestsTest, NothingIsJudgedBeforeTheKeysAreKnown) {
  accepted.access()->reset();
  EXPECT_FALSE(requests.judge(grant("g-1", "n")).judged);
  EXPECT_TRUE(api.calls.empty());
}

TEST_F(RequestsTest, TheRequesterIsAskedAboutAsAdmissionSawIt) {
  const plan::Request r = requests.judge(grant("g-1", "n"));
  ASSERT_TRUE(r.judged && r.seal);
  EXPECT_EQ(r.seal->requester.user, "alice");
  EXPECT_EQ(r.sealOf, "g-1-uid");
  EXPECT_EQ(r.may, true);
  const json spec = api.last("POST subjectaccessreviews")->body["spec"];
  EXPECT_EQ(spec["user"], "alice");
  EXPECT_EQ(spec["uid"], "u");
  EXPECT_EQ(spec["groups"], json::array({"dev"}));
  EXPECT_EQ(spec["resourceAttributes"],
            json::parse(R"({"verb": "request", "group": "errand.dev", "version": "*", "subresource": "",
                            "resource": "agentidentities", "namespace": "agents", "name": "bot"})"));
}

TEST_F(RequestsTest, AnAnswerServesManyAndAFailureNone) {
  answer(500, true);
  EXPECT_EQ(requests.judge(grant("g-1", "1")).may, std::nullopt);
  answer(201, false);
  EXPECT_EQ(requests.judge(grant("g-1", "1")).may, false);
  EXPECT_EQ(requests.judge(grant("g-2", "2")).may, false);
  EXPECT_EQ(api.count("POST subjectaccessreviews"), 2u);
}

TEST_F(RequestsTest, ABrokenSealAsksNobody) {
  api::TaskGrant g = grant("g-1", "n");
  g.spec.toolClass = "other";
  const plan::Request r = requests.judge(g);
  EXPECT_TRUE(r.judged);
  EXPECT_EQ(r.seal.error().reason, "SealBroken");
  EXPECT_TRUE(api.calls.empty());
}

// generateName: one seal fits many names.
TEST_F(RequestsTest, ASealBelongsToTheFirstGrantThatBoreIt) {
  EXPECT_EQ(requests.judge(grant("g-1", "n")).sealOf, "g-1-uid");
  EXPECT_EQ(requests.judge(grant("g-2", "n")).sealOf, "g-1-uid");
  EXPECT_EQ(requests.judge(grant("g-1", "n")).sealOf, "g-1-uid");
  EXPECT_EQ(requests.judge(grant("g-3", "m")).sealOf, "g-3-uid");
}

TEST_F(RequestsTest, TheAccountRemembersASealForTheNextProcess) {
  auto account = std::make_shared<api::ServiceAccount>();
  account->meta.ns = "agents";
  account->meta.name = "errand-g.1";
  account->meta.uid = "a";
  account->meta.labels = {{std::string(api::kSealNonceLabel), "n"},
                          {std::string(api::kGrantUidLabel), "g-1-uid"}};
  stores.accounts.replace("agents", {account}, "1");
  EXPECT_EQ(requests.judge(grant("g-2", "n")).sealOf, "g-1-uid");
  EXPECT_EQ(requests.judge(grant("g-1", "n")).sealOf, "g-1-uid");
}

TEST_F(RequestsTest, KeysThatAreCarriedAreThoseOfLiveGrants) {
  auto live = std::make_shared<api::TaskGrant>(grant("g-1", "n"));
  auto ended = std::make_shared<api::TaskGrant>(grant("g-2", "m"));
  ended->status.phase = api::Phase::Completed;
  stores.grants.replace("", {ended}, "1");
  EXPECT_TRUE(requests.carriedKeys().empty());
  stores.grants.replace("", {live, ended}, "2");
  EXPECT_EQ(requests.carriedKeys(), std::set<std::string>{key.id()});
}

}  // namespace
}  // namespace errand::control
