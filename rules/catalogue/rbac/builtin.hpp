// Built-in ClusterRoles that an AgentIdentity names and whose rules are not known.
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "rules/catalogue/catalogue.hpp"

namespace errand::rules {

// Calls f(path, identity, toolClass, role) for each ClusterRole of the AgentIdentity for which `isBuiltIn`
// returns true. At admission the identity's own guard reads the roles that it names.
template <class F>
void forBuiltIn(const ObjectCheckInput& input, bool (*isBuiltIn)(std::string_view), F f) {
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
