// The indexes of the stores, and the types of their keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/kube/watch/indexhandle.hpp"
#include "operator/state/stores.hpp"

namespace errand::state {

using AgentKey = kube::IndexKey<struct AgentForm>;
using AccountKey = kube::IndexKey<struct AccountForm>;
using WorkloadKey = kube::IndexKey<struct WorkloadForm>;
using SecretKey = kube::IndexKey<struct SecretForm>;
using ParentKey = kube::IndexKey<struct ParentForm>;
using RoleKey = kube::IndexKey<struct RoleForm>;
using StandingKey = kube::IndexKey<struct StandingForm>;  // of plan::standingKeys()

// Each function returns the key under which an index lists an object. roleKey() ignores `ns`
// for a ClusterRole.
AgentKey agentKey(std::string_view ns, std::string_view agent);
AccountKey accountKey(std::string_view ns, std::string_view account);
WorkloadKey workloadKey(std::string_view ns, std::string_view kind, std::string_view name);
SecretKey secretKey(std::string_view ns, std::string_view name);
ParentKey parentKey(std::string_view ns, std::string_view parent);
RoleKey roleKey(std::string_view ns, std::string_view kind, std::string_view name);

inline constexpr kube::IndexHandle<api::TaskGrant, AgentKey> kGrantsByAgent{"agent"};
inline constexpr kube::IndexHandle<api::TaskGrant, AccountKey> kGrantsByAccount{"account"};
inline constexpr kube::IndexHandle<api::TaskGrant, WorkloadKey> kGrantsByWorkload{"workload"};
// By the slot that the status names, and by the leased Secrets of grants that have not ended.
inline constexpr kube::IndexHandle<api::TaskGrant, SecretKey> kGrantsBySecret{"secret"};
inline constexpr kube::IndexHandle<api::TaskGrant, ParentKey> kGrantsByParent{"parent"};
// By the roles of grants that have not ended.
inline constexpr kube::IndexHandle<api::TaskGrant, RoleKey> kGrantsByRole{"role"};
inline constexpr kube::IndexHandle<api::AgentIdentity, SecretKey> kIdentitiesBySlot{"slot"};
// By the roles of tool classes that have a slot.
inline constexpr kube::IndexHandle<api::AgentIdentity, RoleKey> kIdentitiesByRole{"role"};
// By Pod::slots.
inline constexpr kube::IndexHandle<api::Pod, SecretKey> kPodsBySlot{"slot"};
inline constexpr kube::IndexHandle<api::Pod, AccountKey> kPodsByAccount{"account"};
// An index of Stores::bindings and of Stores::clusterBindings.
inline constexpr kube::IndexHandle<api::RoleBinding, StandingKey> kBindingsByStanding{"standing"};

// True for a RoleBinding whose only subject is a grant's account, and whose name begins with that account's.
// The grant finds it by that name, so no index lists it.
bool isAGrants(const api::RoleBinding& binding);

// Adds all indexes. Call it once, before the stores are filled. A binding to a ClusterRole of `ignoredRoles`
// does not count as a standing binding.
void addIndexes(Stores& stores, const std::vector<std::string>& ignoredRoles);

}  // namespace errand::state
