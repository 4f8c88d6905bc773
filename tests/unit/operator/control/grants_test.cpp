// The controller between a plan and its effects: what happens where one of them fails.
#include <gmock/gmock.h>

#include "operator/control/event_handlers.hpp"
#include "operator/control/grants.hpp"
#include "operator/plan/names.hpp"
#include "tests/unit/core/kube/fakes.hpp"
#include "tests/unit/operator/anybody.hpp"
#include "tests/unit/operator/apply/fakeapi.hpp"

namespace errand::control {
namespace {

using nlohmann::json;

struct KeptEvents final : kube::EventSink {
  void record(kube::Event event) override { all.push_back(std::move(event)); }
  std::vector<kube::Event> all;
};

struct GrantsTest : testing::Test {
  apply::FakeApi api;
  kube::Client client{api, {}, [](Millis, const std::stop_token&) { return true; }};
  state::Stores stores;
  state::RevocationProofs proofs;
  Queues queues;
  apply::Applier applier{client, stores, proofs, {"https://kubernetes.default.svc", "CA"}, systemClock()};
  state::Observer observer{stores, proofs, plan::nothingRefused(), systemClock()};
  KeptEvents events;
  GrantController controller{{stores, proofs, applier, observer, events, systemClock()}, {}};
  json grant;

  template <class T>
  std::shared_ptr<const T> read(const json& object) const {
    return std::make_shared<const T>(*api::decode<T>(object));
  }

  json owned(const std::string& name) const {
    return {{"metadata",
             {{"name", name},
              {"namespace", "agents"},
              {"uid", name + "-uid"},
              {"resourceVersion", "3"},
              {"labels", {{"errand.dev/task-grant", "inc-1"}, {"errand.dev/task-grant-uid", "0a1b"}}},
              {"ownerReferences",
               {{{"apiVersion", "errand.dev/v1alpha1"},
                 {"kind", "TaskGrant"},
                 {"name", "inc-1"},
                 {"uid", "0a1b"}}}}}}};
  }

  // A grant that started a minute ago and was asked to end.
  GrantsTest() {
    connect(stores, queues);
    proofs.follow(stores.grants);
    grant = {{"metadata",
              {{"name", "inc-1"},
               {"namespace", "agents"},
               {"uid", "0a1b"},
               {"resourceVersion", "9"},
               {"generation", 2},
               {"finalizers", {"errand.dev/revoke"}}}},
             {"spec",
              {{"agentIdentityRef", {{"name", "bot"}}},
               {"toolClass", "fixer"},
               {"workload", {{"kind", "Job"}, {"name", "fix"}}},
               {"access", {{"roles", {{{"name", "reader"}}}}}},
               {"window", {{"duration", "15m"}}},
               {"revoke", {{"reason", "x"}}}}},
             {"status",
              {{"phase", "Active"},
               {"startedAt", formatTime(systemClock().now() - Seconds{60})},
               {"serviceAccount", {{"name", "errand-g.0a1b"}, {"uid", "errand-g.0a1b-uid"}}}}}};
    json account = owned("errand-g.0a1b"), binding = owned(plan::bindingName("0a1b", {"Role", "reader"}));
    json ns = {
        {"metadata", {{"name", "agents"}, {"uid", "n"}, {"labels", {{"errand.dev/enforce", "true"}}}}}};
    stores.namespaces.replace("", {read<api::PartialObject>(ns)}, "1");
    stores.grants.replace("", {read<api::TaskGrant>(grant)}, "9");
    stores.accounts.replace("agents", {read<api::ServiceAccount>(account)}, "3");
    stores.bindings.replace("agents", {read<api::RoleBinding>(binding)}, "3");
    stores.secrets.replace("agents", {}, "1");
    stores.pods.replace("agents", {}, "1");
    stores.jobs.replace("agents", {}, "1");
    stores.deployments.replace("agents", {}, "1");
    stores.statefulSets.replace("agents", {}, "1");
    stores.roles.replace("agents", {}, "1");
    api.on("DELETE rolebindings/" + plan::bindingName("0a1b", {"Role", "reader"}), 200, json::object());
    api.on("DELETE serviceaccounts/errand-g.0a1b", 200, json::object());
    api.on("POST serviceaccounts/errand-g.0a1b/token", 500, apply::status(500, "InternalError"));
  }

  size_t deletions(std::string_view kind) const {
    return static_cast<size_t>(std::ranges::count_if(
        api.calls, [&](const auto& c) { return c.what.starts_with("DELETE " + std::string(kind)); }));
  }
};

TEST_F(GrantsTest, TheEndIsStoredBeforeAnythingIsWithdrawn) {
  json ended = grant;
  ended["metadata"]["resourceVersion"] = "10";
  ended["status"] = {{"phase", "Revoked"}};
  api.on("PATCH taskgrants/inc-1/status", 200, ended);
  ASSERT_TRUE(controller.reconcile({"agents", "inc-1"}).ok());
  EXPECT_EQ(api.calls[0].what, "PATCH taskgrants/inc-1/status");
  EXPECT_TRUE(api.calls[1].what.starts_with("DELETE rolebindings/"))
      << "telling comes after the rights are gone";
  EXPECT_EQ(api.calls.back().what, "DELETE serviceaccounts/errand-g.0a1b");
  EXPECT_EQ(events.all.size(), 1U);
  EXPECT_EQ(deletions("rolebindings"), 1u);
  EXPECT_EQ(deletions("serviceaccounts"), 1u);
}

TEST_F(GrantsTest, WhereTheEndCannotBeStoredYetRightsGoAndTheAccountWaitsForItsProbe) {
  api.on("PATCH taskgrants/inc-1/status", 503, apply::status(503, "ServiceUnavailable"));
  EXPECT_FALSE(controller.reconcile({"agents", "inc-1"}).ok());
  EXPECT_EQ(deletions("rolebindings"), 1u);
  EXPECT_EQ(deletions("serviceaccounts"), 0u) << "it waits for the probe, whose token proves the end";
}

TEST_F(GrantsTest, WhereTheEndCanNeverBeStoredEverythingGoesAllTheSame) {
  api.on("PATCH taskgrants/inc-1/status", 422, apply::status(422, "Invalid"));
  ASSERT_TRUE(controller.reconcile({"agents", "inc-1"}).ok());
  EXPECT_EQ(deletions("rolebindings"), 1u);
  EXPECT_EQ(deletions("serviceaccounts"), 1u);
}

// For example, a policy rejects the deletion of the binding. Without the account, the token is invalid and
// the binding is useless.
TEST_F(GrantsTest, ADeletionThatIsRefusedKeepsTheOthersFromNothing) {
  json ended = grant;
  ended["metadata"]["resourceVersion"] = "10";
  ended["status"] = {{"phase", "Revoked"}};
  api.on("PATCH taskgrants/inc-1/status", 200, ended);
  for (const auto& [code, reason] : {std::pair{422, "Invalid"}, std::pair{403, "Forbidden"}}) {
    api.calls.clear();
    api.instead("DELETE rolebindings/" + plan::bindingName("0a1b", {"Role", "reader"}), code,
                apply::status(code, reason));
    stores.grants.replace("", {read<api::TaskGrant>(grant)}, "9");
    EXPECT_FALSE(controller.reconcile({"agents", "inc-1"}).ok());
    EXPECT_EQ(deletions("rolebindings"), 1u) << reason;
    EXPECT_EQ(deletions("serviceaccounts"), 1u) << reason;
    stores.accounts.replace("agents", {read<api::ServiceAccount>(owned("errand-g.0a1b"))}, "4");
  }
}

// The backoff after a failure in the Active phase must not delay the end of the grant.
TEST_F(GrantsTest, AFailureIsTriedAgainByTheEndOfTheWindowAtTheLatest) {
  kube::FakeClock clock;
  kube::WorkQueue queue("latest", clock);
  const kube::ObjectKey key{"agents", "inc-1"};
  const Reconciled failed{fail(ErrorKind::Invalid, "too large").error(), Millis{300}};
  for (int i = 0; i < 12; ++i) queue.addRateLimited(key);  // a minute by now
  clock.advance(Seconds{120});
  ASSERT_EQ(queue.tryGet(), key);
  finish(queue, controller, key, failed);
  clock.advance(Millis{301});
  EXPECT_EQ(queue.tryGet(), key);
  queue.done(key);
  finish(queue, controller, key, Reconciled{fail(ErrorKind::Invalid, "x").error(), Millis{0}});
  EXPECT_EQ(queue.tryGet(), std::nullopt) << "what was due at once has failed, and waits";
}

// For example, a policy rejects every update of pods.
TEST_F(GrantsTest, APodThatCannotBeToldToEndHoldsNoConfirmationOff) {
  const json pod = {{"metadata", {{"name", "p"}, {"namespace", "agents"}, {"uid", "p-uid"}}},
                    {"spec", {{"serviceAccountName", "errand-g.0a1b"}, {"nodeName", "node"}}},
                    {"status", {{"phase", "Running"}}}};
  stores.pods.replace("agents", {read<api::Pod>(pod)}, "4");
  stores.accounts.replace("agents", {}, "4");
  stores.bindings.replace("agents", {}, "4");
  const std::string begun = formatTime(systemClock().now() - Seconds{3600});
  grant["status"]["phase"] = "Revoked";
  grant["status"]["endedBecause"] = "RevokeRequested";
  grant["status"]["endedAt"] = begun;
  grant["status"]["revocation"] = {{"requestedAt", begun}};
  grant["metadata"]["resourceVersion"] = "10";
  stores.grants.apply("", read<api::TaskGrant>(grant));
  json stored = grant;
  stored["metadata"]["resourceVersion"] = "11";
  api.on("PATCH taskgrants/inc-1/status", 200, stored);
  api.on("PATCH pods/p", 500, apply::status(500, "InternalError"));
  const auto done = controller.reconcile({"agents", "inc-1"});
  EXPECT_FALSE(done.ok()) << "it is tried again";
  const auto* call = api.last("PATCH taskgrants/inc-1/status");
  ASSERT_NE(call, nullptr);
  const json written = call->body.back().at("value");
  EXPECT_EQ(written.value("/revocation/confirmedBy"_json_pointer, ""), "Expiry");
  for (const json& c : written["conditions"]) {
    if (c["type"] == "Stalled") EXPECT_THAT(c["message"], testing::HasSubstr("Pod p cannot be ended"));
    if (c["type"] == "Active") EXPECT_EQ(c["reason"], "Revoked");
  }
  EXPECT_EQ(events.all.size(), 1U) << "the confirmation is told";

  // As that is stored, the next run says nothing new, and holds the deletion.
  stored["status"] = written;
  stored["metadata"]["deletionTimestamp"] = begun;
  stored["metadata"]["resourceVersion"] = "12";
  stores.grants.apply("", read<api::TaskGrant>(stored));
  EXPECT_FALSE(controller.reconcile({"agents", "inc-1"}).ok());
  EXPECT_EQ(api.count("PATCH taskgrants/inc-1/status"), 1u);
  EXPECT_EQ(api.count("PATCH pods/p"), 2u);
  EXPECT_EQ(api.count("PATCH taskgrants/inc-1"), 0u) << "the finalizer stays";
}

TEST_F(GrantsTest, AnEndOfWhichSomethingFailsIsToldAllTheSame) {
  json ended = grant;
  ended["metadata"]["resourceVersion"] = "10";
  ended["status"] = {{"phase", "Revoked"}};
  api.on("PATCH taskgrants/inc-1/status", 200, ended);
  api.instead("DELETE serviceaccounts/errand-g.0a1b", 500, apply::status(500, "InternalError"));
  EXPECT_FALSE(controller.reconcile({"agents", "inc-1"}).ok());
  EXPECT_EQ(events.all.size(), 1U);
}

// As of an API server that has just started, or of an administrator who is about to give it.
TEST_F(GrantsTest, AMissingRightIsAskedForSoonAndThenEach15Seconds) {
  kube::FakeClock clock;
  kube::WorkQueue queue("rights", clock);
  const kube::ObjectKey key{"agents", "inc-1"};
  Millis wait{150};
  for (int i = 0; i < 20; ++i, wait = std::min<Millis>(2 * wait, Millis{15'000})) {
    queue.add(key);
    ASSERT_EQ(queue.tryGet(), key);
    api.instead("PATCH taskgrants/inc-1/status", 403, apply::status(403, "Forbidden"));
    api.instead("DELETE rolebindings/" + plan::bindingName("0a1b", {"Role", "reader"}), 403,
                apply::status(403, "Forbidden"));
    finish(queue, controller, key, controller.reconcile(key));
    clock.advance(wait);
    EXPECT_EQ(queue.tryGet(), key) << "within " << wait.count() << " ms";
    queue.done(key);
  }
  EXPECT_EQ(deletions("rolebindings"), 20u);
}

// Somebody who may write to the grant writes all the time.
TEST_F(GrantsTest, AnEndIsStoredOverWhateverElseIsWritten) {
  api.on("PATCH taskgrants/inc-1/status", 409, apply::status(409, "Conflict"));
  json live = grant;
  live["metadata"]["resourceVersion"] = "10";
  api.on("GET taskgrants/inc-1", 200, live);
  live["metadata"]["resourceVersion"] = "12";
  live["status"] = {{"phase", "Revoked"}};
  api.on("PATCH taskgrants/inc-1/status", 200, live);
  ASSERT_TRUE(controller.reconcile({"agents", "inc-1"}).ok());
  const json& operations = api.calls[2].body;
  EXPECT_EQ(operations[0], json({{"op", "test"}, {"path", "/metadata/uid"}, {"value", "0a1b"}}));
  EXPECT_EQ(operations[1], json({{"op", "test"}, {"path", "/status/phase"}, {"value", "Active"}}));
  EXPECT_EQ(operations.size(), 3u) << "and no resourceVersion";
  EXPECT_EQ(deletions("rolebindings"), 1u);
}

TEST_F(GrantsTest, AnEndThatNeverGetsATurnHoldsNoRights) {
  api.on("PATCH taskgrants/inc-1/status", 409, apply::status(409, "Conflict"));
  api.on("GET taskgrants/inc-1", 200, grant);
  const auto done = controller.reconcile({"agents", "inc-1"});
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error->kind, ErrorKind::Conflict);
  EXPECT_EQ(deletions("rolebindings"), 1u);
  EXPECT_EQ(deletions("serviceaccounts"), 0u);
}

// Another leader has stored an end, say: what this one planned is of a grant that is no more.
TEST_F(GrantsTest, AGrantInAnotherPhaseIsPlannedAgain) {
  api.on("PATCH taskgrants/inc-1/status", 409, apply::status(409, "Conflict"));
  json live = grant;
  live["metadata"]["resourceVersion"] = "10";
  live["status"] = {{"phase", "Completed"}};
  api.on("GET taskgrants/inc-1", 200, live);
  EXPECT_FALSE(controller.reconcile({"agents", "inc-1"}).ok());
  EXPECT_EQ(api.count("PATCH taskgrants/inc-1/status"), 1u);
  EXPECT_EQ(deletions("rolebindings"), 0u);
  EXPECT_TRUE(stores.grants.get("agents", "inc-1")->terminal()) << "and the next plan sees it";
}

// Its finalizer was taken off by hand, so no plan of ours lets it go.
TEST_F(GrantsTest, TheTokenOfAGrantThatDisappearsIsForgotten) {
  proofs.hold("0a1b", {Sensitive(std::string("token")), {}});
  grant["metadata"]["resourceVersion"] = "10";
  stores.grants.apply("", read<api::TaskGrant>(grant));
  EXPECT_TRUE(proofs.held("0a1b").has_value()) << "a change is no end";
  json next = grant;
  next["metadata"]["uid"] = "another";
  next["metadata"]["resourceVersion"] = "11";
  proofs.hold("another", {Sensitive(std::string("token")), {}});
  stores.grants.apply("", read<api::TaskGrant>(next));
  EXPECT_FALSE(proofs.held("0a1b").has_value());
  EXPECT_TRUE(proofs.held("another").has_value());
  stores.grants.replace("", {}, "12");
  EXPECT_FALSE(proofs.held("another").has_value());
}

// A terminal grant stands for a day by default: its dead token need not.
TEST_F(GrantsTest, TheTokenOfAConfirmedEndIsForgotten) {
  proofs.hold("0a1b", {Sensitive(std::string("token")), {}});
  grant["metadata"]["resourceVersion"] = "10";
  grant["status"]["phase"] = "Revoked";
  grant["status"]["revocation"] = {{"requestedAt", "2026-01-01T00:00:00Z"}};
  stores.grants.apply("", read<api::TaskGrant>(grant));
  EXPECT_TRUE(proofs.held("0a1b").has_value()) << "it is still to be proven";
  grant["metadata"]["resourceVersion"] = "11";
  grant["status"]["revocation"]["confirmedAt"] = "2026-01-01T00:00:15Z";
  grant["status"]["revocation"]["confirmedBy"] = "TokenReview";
  stores.grants.apply("", read<api::TaskGrant>(grant));
  EXPECT_FALSE(proofs.held("0a1b").has_value());
}

TEST_F(GrantsTest, NothingIsKeptOfAGrantThatDisappearsWhileItsEndIsCarriedOut) {
  json ended = grant;
  ended["metadata"]["resourceVersion"] = "10";
  ended["status"] = {{"phase", "Revoked"}};
  api.on("PATCH taskgrants/inc-1/status", 200, ended);
  const std::string mint = "POST serviceaccounts/errand-g.0a1b/token";
  api.instead(mint, 201, apply::tokenAnswer(apply::jwt("id-1", 100, 700)));
  api.heard = [&](const std::string& what) {
    if (what == mint) stores.grants.replace("", {}, "11");
  };
  ASSERT_TRUE(controller.reconcile({"agents", "inc-1"}).ok());
  EXPECT_EQ(api.count(mint), 1u);
  EXPECT_FALSE(proofs.held("0a1b").has_value());
}

}  // namespace
}  // namespace errand::control
