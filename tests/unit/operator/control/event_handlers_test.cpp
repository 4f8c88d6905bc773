// The keys that a change queues, and those that it does not.
#include "operator/control/event_handlers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/api/resource.hpp"

namespace errand::control {
namespace {

using nlohmann::json;

struct WakeupsTest : testing::Test {
  state::Stores stores;
  Queues queues;
  WakeupsTest() { connect(stores, queues); }

  template <class T>
  static std::shared_ptr<const T> read(const json& object) {
    return std::make_shared<const T>(*api::decode<T>(object));
  }

  static std::shared_ptr<const api::TaskGrant> grant(int n, int version, const std::string& phase,
                                                     bool finalizer = true) {
    const std::string id = std::to_string(n);
    return read<api::TaskGrant>(
        {{"metadata",
          {{"name", "g" + id},
           {"namespace", "agents"},
           {"uid", "u" + id},
           {"resourceVersion", std::to_string(version)},
           {"finalizers", finalizer ? json{std::string(api::kFinalizer)} : json::array()}}},
         {"spec",
          {{"agentIdentityRef", {{"name", "bot" + id}}},
           {"toolClass", "fixer"},
           {"workload", {{"kind", "Job"}, {"name", "fix"}}},
           {"window", {{"duration", "15m"}}}}},
         {"status", {{"phase", phase}}}});
  }

  static std::shared_ptr<const api::ServiceAccount> account(const std::string& name, const json& labels) {
    return read<api::ServiceAccount>({{"metadata",
                                       {{"name", name},
                                        {"namespace", "agents"},
                                        {"uid", name},
                                        {"resourceVersion", "5"},
                                        {"labels", labels}}}});
  }

  static size_t drain(kube::WorkQueue& queue) {
    size_t taken = 0;
    for (; const auto key = queue.tryGet(); ++taken) queue.done(*key);
    return taken;
  }
};

TEST_F(WakeupsTest, ManyAgentsCountsWaitForEachOther) {
  for (int n = 0; n < 5; ++n)
    for (const char* phase : {"Pending", "Active"})
      stores.grants.apply("", grant(n, phase[0] == 'P' ? 10 + n : 20 + n, phase));
  EXPECT_EQ(queues.identities.depth(), 0U);
  EXPECT_EQ(queues.identities.delayed(), 5U);
}

TEST_F(WakeupsTest, AGrantsAccountTellsTheGrantAndNotItsAgent) {
  stores.accounts.apply("agents",
                        account("errand-g.0a1b", {{api::kGrantLabel, "g1"}, {api::kIdentityLabel, "bot"}}));
  EXPECT_EQ(drain(queues.grants), 1U);
  EXPECT_EQ(queues.identities.depth() + queues.identities.delayed(), 0U);
}

TEST_F(WakeupsTest, AnAgentsAccountTellsItWhateverItsLabels) {
  stores.accounts.apply("agents", account("errand-a.bot.fixer", {{api::kGrantLabel, "g1"}}));
  EXPECT_EQ(queues.identities.tryGet(), (kube::ObjectKey{"agents", "bot"}));
  stores.accounts.apply("agents", account("renamed", {{api::kIdentityLabel, "other"}}));
  EXPECT_EQ(queues.identities.tryGet(), (kube::ObjectKey{"agents", "other"}));
}

// The operator watches a namespace if a grant in it has the operator's finalizer.
TEST_F(WakeupsTest, ANamespaceIsLookedAtWhereAGrantComesGoesOrHasItsFinalizer) {
  stores.grants.apply("", grant(1, 10, "Pending", false));
  EXPECT_EQ(drain(queues.namespaces), 1U);
  stores.grants.apply("", grant(1, 11, "Pending", true));
  EXPECT_EQ(drain(queues.namespaces), 1U);
  stores.grants.apply("", grant(1, 12, "Active", true));
  EXPECT_EQ(drain(queues.namespaces), 0U);
  stores.grants.apply("", grant(1, 13, "Revoked", false));
  EXPECT_EQ(drain(queues.namespaces), 1U);
  stores.grants.erase("", {"agents", "g1"}, "14");
  EXPECT_EQ(drain(queues.namespaces), 1U);
}

}  // namespace
}  // namespace errand::control
