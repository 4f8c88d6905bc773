// A namespace is enforced, and its grants start, only while its pods have the same root CA as the operator.
#include <gmock/gmock.h>

#include "operator/control/enforcement.hpp"
#include "operator/control/event_handlers.hpp"
#include "tests/unit/operator/anybody.hpp"
#include "tests/unit/operator/apply/fakeapi.hpp"

namespace errand::control {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// Reads of the ConfigMaps of any namespace.
const std::string kRead = "GET configmaps/kube-root-ca.crt";

struct EnforcementTest : testing::Test {
  struct NoEvents final : kube::EventSink {
    void record(kube::Event) override {}
  };
  apply::FakeApi api;
  kube::Client client{api, {}, [](Millis, const std::stop_token&) { return true; }};
  state::Stores stores;
  state::RevocationProofs proofs;
  apply::Applier applier{client, stores, proofs, {"https://kubernetes.default.svc", "CA"}, systemClock()};
  state::Observer observer{stores, proofs, plan::nothingRefused(), systemClock()};
  NoEvents events;
  std::vector<std::string> woken;
  EnforcementController controller{{stores, proofs, applier, observer, events, systemClock()},
                                   Seconds{5},
                                   "errand-system",
                                   [this](const std::string& ns) { woken.push_back(ns); }};

  int version = 0;

  void is(bool enforced, bool since, const char* uid = "n") {
    api::PartialObject ns;
    ns.meta.name = "agents";
    ns.meta.uid = uid;
    ns.meta.resourceVersion = std::to_string(++version);
    if (enforced) ns.meta.labels.emplace(api::kEnforceLabel, "true");
    if (since) ns.meta.annotations.emplace(api::kEnforcedSinceAnnotation, "2026-11-24T10:00:00Z");
    stores.namespaces.replace("", {std::make_shared<const api::PartialObject>(ns)}, "1");
  }

  // Sets the root CA of the operator's namespace, which is read first, and of the agents' namespace.
  void read(const char* ours, const char* theirs) {
    api.instead(kRead, 200, {{"data", {{"ca.crt", ours}}}});
    api.on(kRead, 200, {{"data", {{"ca.crt", theirs}}}});
  }

  policy::RootCaFacts found() const { return observer.factsOf("agents", false).rootCa; }
};

TEST_F(EnforcementTest, WhatDiffersIsAnErrorThatIsSeenAndSaysTheWayOut) {
  is(true, false);
  read("ours", "theirs");
  const auto done = controller.reconcile({"", "agents"});
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error->kind, ErrorKind::Invalid) << "a Conflict is told to nobody";
  EXPECT_THAT(done.error->message, HasSubstr("namespace agents is not enforced"));
  EXPECT_THAT(done.error->message, HasSubstr("takes the verb exempt on the namespace"));
  EXPECT_EQ(done.again, Millis{15'000});
  EXPECT_EQ(found().problem, done.error->message);
  EXPECT_EQ(api.count("PATCH namespaces/agents") + api.count("PATCH agents"), 0u);
}

TEST_F(EnforcementTest, ANamespaceThatTakesPartAlreadyIsComparedOnce) {
  is(true, true);
  EXPECT_FALSE(found().known) << "nothing starts before";
  read("ours", "ours");
  EXPECT_TRUE(controller.reconcile({"", "agents"}).ok());
  EXPECT_EQ(found(), (policy::RootCaFacts{true, {}}));
  EXPECT_EQ(woken.size(), 1u);
  EXPECT_TRUE(controller.reconcile({"", "agents"}).ok());
  EXPECT_EQ(api.count(kRead), 2u);
  controller.forget();
  EXPECT_FALSE(found().known);
  read("ours", "theirs");
  const auto done = controller.reconcile({"", "agents"});
  ASSERT_FALSE(done.ok());
  EXPECT_THAT(found().problem, HasSubstr("no grant starts in namespace agents: its ConfigMap"));
  read("ours", "ours");
  EXPECT_TRUE(controller.reconcile({"", "agents"}).ok());
  EXPECT_EQ(found(), (policy::RootCaFacts{true, {}}));
  EXPECT_EQ(woken.size(), 3u);
}

TEST_F(EnforcementTest, WhatIsKnownEndsWithTheEnrolmentAndTheNamespace) {
  is(true, true);
  read("ours", "ours");
  ASSERT_TRUE(controller.reconcile({"", "agents"}).ok());
  is(true, true, "another");
  EXPECT_FALSE(found().known);
  is(false, false);
  EXPECT_TRUE(controller.reconcile({"", "agents"}).ok());
  is(true, true);
  EXPECT_FALSE(found().known);
}

TEST_F(EnforcementTest, WhatCannotBeComparedIsSaid) {
  is(true, true);
  api.on(kRead, 403, apply::status(403, "Forbidden"));
  EXPECT_FALSE(controller.reconcile({"", "agents"}).ok());
  EXPECT_THAT(found().problem, HasSubstr("could not be compared"));
}

}  // namespace
}  // namespace errand::control
