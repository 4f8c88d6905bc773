// The watcher reports nothing before it has stored it. If the API server does not answer, the guards do not
// hold, but the time since when they hold stays. So no grant ends because of an outage.
#include "operator/guards/watcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "operator/guards/record.hpp"
#include "tests/unit/core/kube/fakes.hpp"

namespace errand::guards {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const Time kStarted = *parseTime("2026-11-24T12:00:00Z");
const char* const kMadeAt = "2026-11-01T00:00:00Z";

// An API server that holds the guards as shipped, and rejects what they reject.
class GuardedServer final : public kube::Transport {
 public:
  GuardedServer() {
    for (const auto& [id, spec] : shipped("errand-system"))
      objects[id] = {{"kind", id.kind},
                     {"metadata",
                      {{"name", id.name},
                       {"uid", id.kind + id.name},
                       {"generation", 1},
                       {"creationTimestamp", kMadeAt}}},
                     {spec.is_array() ? "webhooks" : "spec", spec}};
  }

  Result<kube::Response> call(const kube::Request& request, std::stop_token) override {
    if (away) return fail(ErrorKind::Unavailable, "no connection");
    const std::string& last = request.path.back();
    if (!request.bearer.empty()) return tried(request);
    if (last == "token") return answer(201, {{"status", {{"token", token()}}}});
    if (last == "validatingadmissionpolicies") return list(kPolicy);
    if (last == "validatingadmissionpolicybindings") return list(kBinding);
    if (last == kRecordName) return onRecord(request);
    const auto it = objects.find(
        Id{std::string(request.path[3] == "mutatingwebhookconfigurations" ? kMutating : kValidating), last});
    return it == objects.end() ? answer(404, {{"reason", "NotFound"}}) : answer(200, it->second);
  }
  Result<kube::Response> stream(const kube::Request&, const Sink&, std::stop_token) override {
    return fail(ErrorKind::Internal, "nothing is watched");
  }

  std::map<Id, json> objects;
  json record;  // null: there is none
  bool away = false, mayStore = true, admits = false;
  int probes = 0;

 private:
  static kube::Response answer(int status, const json& body) {
    return kube::FakeTransport::response(status, body.dump());
  }
  static std::string token() {
    // {"iat": 1763985600, "exp": 4102444800, "jti": "x"}
    return "eyJh.eyJpYXQiOjE3NjM5ODU2MDAsImV4cCI6NDEwMjQ0NDgwMCwianRpIjoieCJ9.c2ln";
  }
  kube::Response list(std::string_view kind) const {
    json items = json::array();
    for (const auto& [id, object] : objects)
      if (id.kind == kind) items.push_back(object);
    return answer(200, {{"metadata", json::object()}, {"items", items}});
  }
  kube::Response tried(const kube::Request& request) {
    ++probes;
    if (admits) return answer(201, json::object());
    const std::map<std::string, std::string> policies = {{"agentidentities", "errand-status-tampering"},
                                                         {"configmaps", "errand-guard-record"},
                                                         {"errand-system", "errand-enforced-since"},
                                                         {"serviceaccounts", "errand-unmanaged-write"},
                                                         {"taskgrants", "errand-requester"}};
    const std::string& policy = policies.at(request.path.back());
    return answer(403, {{"reason", "Forbidden"},
                        {"message",
                         "ValidatingAdmissionPolicy '" + policy + "' with binding '" + policy + "' denied"}});
  }
  kube::Response onRecord(const kube::Request& request) {
    if (request.method == kube::Method::Patch) {
      if (!mayStore) return answer(500, {{"reason", "InternalError"}});
      record = json::parse(request.body.reveal());
      record["metadata"]["uid"] = "record-uid";
      record["metadata"]["creationTimestamp"] = formatTime(kStarted);
    }
    return record.is_null() ? answer(404, {{"reason", "NotFound"}}) : answer(200, record);
  }
};

struct GuardWatcherTest : testing::Test {
  GuardWatcherTest() { clock.time = kStarted; }

  // As long as it takes until the policy of the record is in force.
  void look(int times = 9) {
    for (int i = 0; i < times; ++i) {
      const auto wait = watcher.step();
      clock.advance(wait.value_or(Millis{2'000}));
    }
  }
  plan::GuardFacts published() { return *facts.access(); }

  GuardedServer server;
  kube::FakeClock clock;
  kube::Client client{server};
  SharedGuardFacts facts{nothingKnown()};
  int changes = 0;
  Watcher watcher{client, {client}, {}, facts, [this] { ++changes; }, clock};
};

TEST_F(GuardWatcherTest, NothingIsSaidToHoldBeforeItIsStored) {
  server.mayStore = false;
  look();
  EXPECT_FALSE(published().hold);
  EXPECT_FALSE(published().since);
  EXPECT_THAT(published().problem, HasSubstr("not known"));
  server.mayStore = true;
  look(1);
  EXPECT_TRUE(published().hold) << published().problem;
  EXPECT_EQ(published().since, *parseTime("2026-11-01T00:00:05Z"));
  EXPECT_EQ(server.record["data"]["since"], "2026-11-01T00:00:05Z");
}

TEST_F(GuardWatcherTest, NothingEndsBecauseNobodyAnswers) {
  look();
  ASSERT_TRUE(published().hold) << published().problem;
  const auto since = published().since;
  server.away = true;
  look(1);
  EXPECT_FALSE(published().hold);
  EXPECT_EQ(published().since, since);
  EXPECT_THAT(published().problem, HasSubstr("no connection"));
  server.away = false;
  look(1);
  EXPECT_TRUE(published().hold);
  EXPECT_EQ(published().since, since);
}

TEST_F(GuardWatcherTest, OthersAreWokenByAChangeAndNothingElse) {
  look();
  EXPECT_EQ(changes, 2) << "the record waits for its policy, then the guards hold";
  look(5);
  EXPECT_EQ(changes, 2);
  server.objects.erase(Id{std::string(kBinding), "errand-tokens"});
  look(3);
  EXPECT_EQ(changes, 3);
}

TEST_F(GuardWatcherTest, OthersAreWokenWhenTheMomentHasCome) {
  look();
  server.objects[Id{std::string(kBinding), "errand-tokens"}]["metadata"]["generation"] = 3;
  look(1);
  EXPECT_EQ(published().since, clock.now()) << "the next look is at that moment";
  const int before = changes;
  look(1);
  EXPECT_EQ(changes, before + 1);
  look(5);
  EXPECT_EQ(changes, before + 1);
}

TEST_F(GuardWatcherTest, ItTriesAgainWhereAGuardIsAnotherAndFromTimeToTime) {
  look();
  const int first = server.probes;
  EXPECT_EQ(first, 5) << "one for each policy that can be tried";
  look(10);
  EXPECT_EQ(server.probes, first);
  server.objects[Id{std::string(kPolicy), "errand-tokens"}]["metadata"]["generation"] = 2;
  look(1);
  EXPECT_EQ(server.probes, 2 * first);
  look(60);
  EXPECT_GE(server.probes, 3 * first);
}

TEST_F(GuardWatcherTest, AForgedWriteThatPassesIsFoundThoughTheSpecsAreGood) {
  look();
  const auto since = published().since;
  server.admits = true;
  look(60);
  EXPECT_FALSE(published().hold);
  EXPECT_EQ(published().since, since);
  EXPECT_EQ(server.record["data"]["doubted"], "true");
  server.admits = false;
  look(1);
  EXPECT_TRUE(published().hold);
  EXPECT_GT(*published().since, *since);
}

}  // namespace
}  // namespace errand::guards
