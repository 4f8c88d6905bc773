#include "operator/control/sweep.hpp"

#include <gmock/gmock.h>

#include "tests/unit/operator/anybody.hpp"
#include "tests/unit/operator/apply/fakeapi.hpp"

namespace errand::control {
namespace {

struct NoEvents final : kube::EventSink {
  void record(kube::Event) override {}
};

api::PartialObject leftoverSecret(const std::string& name, const std::string& grant = "gone") {
  api::PartialObject out;
  out.meta.name = name;
  out.meta.ns = "agents";
  out.meta.uid = name + "-uid";
  out.meta.labels = {{"errand.dev/task-grant", grant}, {"errand.dev/task-grant-uid", "0a1b"}};
  return out;
}

struct SweepTest : testing::Test {
  apply::FakeApi api;
  kube::Client client{api, {}, [](Millis, const std::stop_token&) { return true; }};
  state::Stores stores;
  state::RevocationProofs proofs;
  apply::Applier applier{client, stores, proofs, {"https://kubernetes.default.svc", "CA"}, systemClock()};
  state::Observer observer{stores, proofs, plan::nothingRefused(), systemClock()};
  NoEvents events;
  SweepController controller{{stores, proofs, applier, observer, events, systemClock()}};

  SweepTest() {
    api::PartialObject ns;
    ns.meta.name = "agents";
    stores.namespaces.replace("", {std::make_shared<const api::PartialObject>(ns)}, "1");
    stores.bindings.replace("agents", {}, "1");
    stores.accounts.replace("agents", {}, "1");
    stores.roles.replace("agents", {}, "1");
    stores.jobs.replace("agents", {}, "1");
    stores.pods.replace("agents", {}, "1");
    stores.deployments.replace("agents", {}, "1");
    stores.statefulSets.replace("agents", {}, "1");
    stores.replicaSets.replace("agents", {}, "1");
    stores.cronJobs.replace("agents", {}, "1");
    const auto secret = [](auto... of) {
      return std::make_shared<const api::PartialObject>(leftoverSecret(of...));
    };
    stores.secrets.replace(
        "agents", {secret("errand-a.planted"), secret("errand-slot"), secret("errand-z", "other")}, "1");
    api.on("GET taskgrants/other", 404, apply::status(404, "NotFound"));
    api.on("DELETE secrets/errand-z", 200, {});
    api.on("GET taskgrants/gone", 404, apply::status(404, "NotFound"));
  }
};

TEST_F(SweepTest, ARejectedDeletionDoesNotKeepTheOthers) {
  api.on("DELETE secrets/errand-a.planted", 403, apply::status(403, "Forbidden"));
  api.on("DELETE secrets/errand-slot", 200, {});
  const Reconciled done = controller.reconcile({"", "agents"});
  EXPECT_EQ(api.count("DELETE secrets/errand-a.planted"), 1u);
  EXPECT_EQ(api.count("DELETE secrets/errand-slot"), 1u);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error->kind, ErrorKind::Forbidden);
  EXPECT_TRUE(done.again.has_value()) << "it looks again";
}

TEST_F(SweepTest, AnUnreadableGrantKeepsItsObjectsAlone) {
  api.instead("GET taskgrants/gone", 500, apply::status(500, "InternalError"));
  EXPECT_FALSE(controller.reconcile({"", "agents"}).ok());
  EXPECT_EQ(api.count("DELETE secrets/errand-slot"), 0u);
  EXPECT_EQ(api.count("DELETE secrets/errand-z"), 1u);
}

}  // namespace
}  // namespace errand::control
