// Finds the roles that AgentIdentities name.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string_view>

#include "rules/catalogue/rule.hpp"

namespace errand::rules {

// A tool class that names a role.
struct RoleHolder {
  std::shared_ptr<const api::AgentIdentity> identity;
  const api::ToolClass* toolClass;  // owned by identity
};

// Returns the first tool class that names the role in `input` and for which `isWanted(toolClass,
// entry)` is true.
template <class F>
std::optional<RoleHolder> firstHolder(const ObjectCheckInput& input, F isWanted) {
  const ObjectView& role = input.object;
  for (const auto& identity :
       input.cluster.identities(role.kind == "ClusterRole" ? std::string_view() : input.ns))
    for (const api::ToolClass& c : identity->toolClasses)
      if (const api::AllowedRole* entry = c.access.role(role.kind, role.name);
          entry != nullptr && isWanted(c, *entry))
        return RoleHolder{identity, &c};
  return std::nullopt;
}

// Calls f(path, identity, toolClass, role) for each built-in ClusterRole that the AgentIdentity in `input`
// names and whose rules are not known. At admission a handler reads the roles that an identity names.
template <class F>
void forBuiltIn(const ObjectCheckInput& input, bool (*isBuiltIn)(std::string_view), F f) {
  if (!input.object.is("errand.dev", "AgentIdentity")) return;
  const auto identity = input.cluster.identity(input.ns, input.object.name);
  if (!identity) return;
  for (size_t i = 0; i < identity->toolClasses.size(); ++i) {
    const api::ToolClass& c = identity->toolClasses[i];
    for (size_t j = 0; j < c.access.clusterRoles.size(); ++j) {
      const api::AllowedRole& role = c.access.clusterRoles[j];
      if (isBuiltIn(role.name) && input.cluster.role({{"ClusterRole", role.name}, ""}) == nullptr)
        f(fmt::format("/spec/toolClasses/{}/access/clusterRoles/{}", i, j), *identity, c, role);
    }
  }
}

}  // namespace errand::rules
