// The indexes of the stores: their names, and the key under which an index keeps an object.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "operator/state/stores.hpp"

namespace errand::state {

// Names of the stores' indexes.
inline constexpr std::string_view kByAgent = "agent";        // grants: ns/agent
inline constexpr std::string_view kByAccount = "account";    // grants: ns/errand-g.*
inline constexpr std::string_view kByWorkload = "workload";  // grants: ns/Kind/name
inline constexpr std::string_view kBySecret = "secret";      // grants: ns/Secret they hold or lease
inline constexpr std::string_view kByParent = "parent";      // grants: ns/the grant that they are under
inline constexpr std::string_view kByRole = "role";          // grants that have not ended: ns/Kind/name
inline constexpr std::string_view kBySlot = "slot";          // identities: ns/Secret of a tool class
inline constexpr std::string_view kByNamedSlot = "named";    // pods: ns/Secret that their spec names
inline constexpr std::string_view kByRunsAs = "runs-as";     // pods: ns/account
inline constexpr std::string_view kByStanding = "standing";  // bindings: plan::standingKeys()

std::string classKey(const api::TaskGrant& grant);
std::string secretKey(std::string_view ns, std::string_view name);
std::string agentKey(std::string_view ns, std::string_view agent);
std::string accountKey(std::string_view ns, std::string_view account);
std::string parentKey(std::string_view ns, std::string_view parent);
std::string roleKey(std::string_view ns, std::string_view kind, std::string_view name);
std::string workloadKey(std::string_view ns, std::string_view kind, std::string_view name);

// A binding that gives one grant its roles: the grant finds it by name, so no index has it.
bool isAGrants(const api::RoleBinding& binding);

// Call once, before the stores are filled. RoleBindings to `ignoredRoles` are no standing binding.
void addIndexes(Stores& stores, const std::vector<std::string>& ignoredRoles);

}  // namespace errand::state
