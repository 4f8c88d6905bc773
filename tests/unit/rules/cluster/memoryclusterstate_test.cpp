#include "rules/cluster/memoryclusterstate.hpp"

#include <gmock/gmock.h>

#include "core/api/accounts.hpp"

namespace errand::rules {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

api::TaskGrant grantOf(const std::string& ns, const std::string& name, const std::string& uid = "") {
  api::TaskGrant out;
  out.meta.ns = ns;
  out.meta.name = name;
  out.meta.uid = uid;
  out.spec.workload.name = "look";
  return out;
}

TEST(MemoryClusterState, KnowsNothingThatWasNotAdded) {
  const MemoryClusterState state;
  EXPECT_EQ(state.grant("agents", "inc-1"), nullptr);
  EXPECT_EQ(state.ofNamespace("agents"), nullptr);
  EXPECT_EQ(modeOf(state, "agents"), std::nullopt);
  EXPECT_EQ(state.role({{"ClusterRole", "edit"}, ""}), nullptr);
  EXPECT_EQ(state.may({}), std::nullopt);
}

TEST(MemoryClusterState, FindsAGrantByAccountAndWorkloadInItsNamespace) {
  const std::string uid = "3f2b8c1e-9a4d-4c7e-8b21-0123456789ab", account = api::grantAccountName(uid);
  MemoryClusterState state;
  state.add(grantOf("agents", "inc-1", uid));
  EXPECT_EQ(state.grantOfAccount("agents", account)->meta.name, "inc-1");
  EXPECT_EQ(state.grantOfAccount("other", account), nullptr);
  const std::string kind(api::toString(api::TaskGrant().spec.workload.kind));
  EXPECT_THAT(state.grantsOfWorkload("agents", kind, "look"), SizeIs(1));
  EXPECT_THAT(state.grantsOfWorkload("other", kind, "look"), IsEmpty());
  api::TaskGrant ended = grantOf("agents", "inc-1", "another-uid");
  ended.status.phase = api::Phase::Completed;
  state.add(ended);
  EXPECT_EQ(state.grantOfAccount("agents", account), nullptr) << "it was replaced";
  EXPECT_THAT(state.grantsOfWorkload("agents", kind, "look"), IsEmpty()) << "it has ended";
}

TEST(MemoryClusterState, AGrantWithoutUidHasNoAccount) {
  MemoryClusterState state;
  state.add(grantOf("agents", "inc-1"));
  EXPECT_EQ(state.grantOfAccount("agents", api::grantAccountName("")), nullptr);
}

TEST(MemoryClusterState, ListsExemptionsOfOneNamespaceAndIdentitiesOfAll) {
  MemoryClusterState state;
  api::Exemption exemption;
  exemption.meta.ns = "agents";
  state.add(exemption);
  api::AgentIdentity identity;
  for (const char* ns : {"agents", "others"}) {
    identity.meta.ns = ns;
    state.add(identity);
  }
  EXPECT_THAT(state.identities(""), SizeIs(2));
  EXPECT_THAT(state.identities("agents"), SizeIs(1));
  EXPECT_THAT(state.exemptions("agents"), SizeIs(1));
  EXPECT_THAT(state.exemptions(""), IsEmpty());
}

TEST(MemoryClusterState, ARoleMayBeUnknownWhereTheOthersDoNotExist) {
  MemoryClusterState state({.ns = nullptr, .role = std::make_shared<const RoleFacts>(), .may = true});
  const RoleKey key{{"Role", "reader"}, "agents"};
  EXPECT_TRUE(state.role(key)->dangers.empty());
  state.add(key, nullptr);
  EXPECT_EQ(state.role(key), nullptr);
  EXPECT_EQ(state.may({}), true);
}

}  // namespace
}  // namespace errand::rules
