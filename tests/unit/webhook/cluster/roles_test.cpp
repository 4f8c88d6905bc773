// The rules of roles, read in parallel to a review.
#include "webhook/cluster/roles.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <functional>

#include "core/base/guarded.hpp"
#include "tests/unit/core/kube/fakes.hpp"
#include "tests/unit/webhook/cluster/until.hpp"

namespace errand::webhook {
namespace {

using nlohmann::json;

// Has the Role "bad" of any namespace and the ClusterRole "good".
class Roles final : public kube::Transport {
 public:
  Result<kube::Response> call(const kube::Request& request, std::stop_token stop) override {
    std::string path;
    for (const std::string& part : request.path) path += "/" + part;
    asked.access()->push_back(path);
    if (onCall) onCall();
    until([&] { return !closed || stop.stop_requested(); });
    if (failing) return fail(ErrorKind::Timeout, "no answer");
    const std::string& name = request.path.back();
    if (name != "bad" && name != "good")
      return kube::FakeTransport::response(404, R"({"reason":"NotFound"})");
    const json rules = {
        {{"apiGroups", {""}}, {"resources", {name == "bad" ? "secrets" : "pods"}}, {"verbs", {"get"}}}};
    return kube::FakeTransport::response(200, json{{"metadata", {{"name", name}}}, {"rules", rules}}.dump());
  }
  Result<kube::Response> stream(const kube::Request&, const Sink&, std::stop_token) override {
    return fail(ErrorKind::Invalid, "is not asked for");
  }
  size_t count() { return asked.access()->size(); }

  Guarded<std::vector<std::string>> asked;
  std::function<void()> onCall;
  std::atomic<bool> closed = false, failing = false;
};

class RoleReadsTest : public testing::Test {
 protected:
  static rules::RoleKey key(const std::string& name, const std::string& kind = "Role") {
    return {{kind, name}, kind == "Role" ? "agents" : ""};
  }
  bool known(const rules::RoleKey& role) {
    return until([&] { return reads_.known(role) != nullptr; });
  }

  Roles server_;
  kube::FakePause pause_;
  kube::FakeClock clock_;
  kube::Client client_{server_, {}, pause_.seam()};
  RoleReads reads_{client_, clock_};
};

TEST_F(RoleReadsTest, AnswersComeBesideAndAreKeptForFourSeconds) {
  EXPECT_EQ(reads_.known(key("bad")), nullptr);
  reads_.want({key("bad"), key("good", "ClusterRole"), key("none")});
  ASSERT_TRUE(known(key("bad")) && known(key("good", "ClusterRole")) && known(key("none")));
  EXPECT_EQ(reads_.known(key("bad"))->dangers.size(), 1u);
  EXPECT_TRUE(reads_.known(key("good", "ClusterRole"))->dangers.empty());
  EXPECT_TRUE(reads_.known(key("none"))->dangers.empty()) << "what is not there allows nothing";
  EXPECT_EQ(reads_.known(key("bad", "ClusterRole")), nullptr);
  EXPECT_THAT(
      *server_.asked.access(),
      testing::UnorderedElementsAre("/apis/rbac.authorization.k8s.io/v1/namespaces/agents/roles/bad",
                                    "/apis/rbac.authorization.k8s.io/v1/clusterroles/good",
                                    "/apis/rbac.authorization.k8s.io/v1/namespaces/agents/roles/none"));
  clock_.advance(Seconds{4});
  EXPECT_TRUE(reads_.known(key("bad"))) << "as long as the review that asked may wait";
  clock_.advance(Millis{1});
  EXPECT_EQ(reads_.known(key("bad")), nullptr);
}

class SharedClock final : public Clock {
 public:
  Time now() const override { return {}; }
  std::chrono::steady_clock::time_point monotonic() const override {
    return std::chrono::steady_clock::time_point(Millis{at.load()});
  }
  std::atomic<int> at = 0;
};

// 16 tool classes with 16 Roles and 16 ClusterRoles each, and an API server that takes 5 ms for a read.
TEST(RoleReads, AsManyAsAnIdentityMayNameAreKnownAtOnce) {
  Roles server;
  SharedClock clock;
  server.onCall = [&] { clock.at += 5; };
  kube::FakePause pause;
  const kube::Client client(server, {}, pause.seam());
  RoleReads reads(client, clock);
  std::vector<rules::RoleKey> all;
  for (int i = 0; i < 512; ++i) all.push_back({{"Role", "n" + std::to_string(i)}, "agents"});
  const auto isKnown = [&](const rules::RoleKey& role) { return reads.known(role) != nullptr; };
  reads.want({all.begin(), all.begin() + 256});
  ASSERT_TRUE(until([&] { return isKnown(all[255]); }));
  reads.want({all.begin() + 256, all.end()});
  EXPECT_TRUE(until([&] { return std::ranges::all_of(all, isKnown); }));
  EXPECT_EQ(server.count(), 512u) << "none twice";
}

TEST_F(RoleReadsTest, WhatCannotBeReadStaysUnknown) {
  server_.failing = true;
  reads_.want({key("good")});
  ASSERT_TRUE(until([&] { return server_.count() >= 1; }));
  EXPECT_EQ(reads_.known(key("good")), nullptr);
  server_.failing = false;
  ASSERT_TRUE(until([&] {
    reads_.want({key("good")});
    return reads_.known(key("good")) != nullptr;
  }));
}

TEST_F(RoleReadsTest, ACrowdOfRolesOfOnePartyKeepsNobodyElseWaiting) {
  server_.closed = true;
  for (int i = 0; i < 2000; ++i) reads_.want({key("n" + std::to_string(i))}, {"api", "api", "evil"});
  reads_.want({key("good")}, {"api", "api", "agents"});
  server_.closed = false;
  ASSERT_TRUE(known(key("good")));
  const std::vector<std::string> asked = *server_.asked.access();
  const auto turn =
      std::ranges::find_if(asked, [](const std::string& path) { return path.ends_with("/good"); });
  EXPECT_LT(turn - asked.begin(), 50) << "as the threads happen to run";
}

TEST_F(RoleReadsTest, WhatIsToBeReadAlreadyIsNotReadTwiceAndTheLineIsBounded) {
  server_.closed = true;
  for (int round = 0; round < 3; ++round) reads_.want({key("bad")});
  ASSERT_TRUE(until([&] { return server_.count() == 1; }));
  for (int i = 0; i < 2000; ++i) reads_.want({key("n" + std::to_string(i))});
  server_.closed = false;
  // The line, and what was under way while nobody answered.
  ASSERT_TRUE(known(key("n510")));
  ASSERT_TRUE(until([&] { return server_.count() >= 512; }));
  EXPECT_LE(server_.count(), 514u);
  EXPECT_EQ(reads_.known(key("n1999")), nullptr);
}

}  // namespace
}  // namespace errand::webhook
