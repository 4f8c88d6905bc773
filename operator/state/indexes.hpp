// The indexes of the stores, and the forms of their keys.
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

AgentKey agentKey(std::string_view ns, std::string_view agent);
AccountKey accountKey(std::string_view ns, std::string_view account);
WorkloadKey workloadKey(std::string_view ns, std::string_view kind, std::string_view name);
SecretKey secretKey(std::string_view ns, std::string_view name);
ParentKey parentKey(std::string_view ns, std::string_view parent);
RoleKey roleKey(std::string_view ns, std::string_view kind, std::string_view name);

inline constexpr kube::IndexHandle<api::TaskGrant, AgentKey> kGrantsByAgent{"agent"};
inline constexpr kube::IndexHandle<api::TaskGrant, AccountKey> kGrantsByAccount{"account"};
inline constexpr kube::IndexHandle<api::TaskGrant, WorkloadKey> kGrantsByWorkload{"workload"};
inline constexpr kube::IndexHandle<api::TaskGrant, SecretKey> kGrantsBySecret{
    "secret"};  // that they hold or lease
inline constexpr kube::IndexHandle<api::TaskGrant, ParentKey> kGrantsByParent{"parent"};
inline constexpr kube::IndexHandle<api::TaskGrant, RoleKey> kGrantsByRole{
    "role"};  // those that have not ended
inline constexpr kube::IndexHandle<api::AgentIdentity, SecretKey> kIdentitiesBySlot{"slot"};
inline constexpr kube::IndexHandle<api::AgentIdentity, RoleKey> kIdentitiesByRole{
    "role"};                                                                  // of classes with a slot
inline constexpr kube::IndexHandle<api::Pod, SecretKey> kPodsBySlot{"slot"};  // Secrets that their spec names
inline constexpr kube::IndexHandle<api::Pod, AccountKey> kPodsByAccount{"account"};
inline constexpr kube::IndexHandle<api::RoleBinding, StandingKey> kBindingsByStanding{
    "standing"};  // of both stores

// A binding that gives one grant its roles: the grant finds it by name, so no index has it.
bool isAGrants(const api::RoleBinding& binding);

// Call once, before the stores are filled. RoleBindings to `ignoredRoles` are no standing binding.
void addIndexes(Stores& stores, const std::vector<std::string>& ignoredRoles);

}  // namespace errand::state
