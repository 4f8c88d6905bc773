// Connects roles with the AgentIdentities that name them.
#pragma once

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string_view>

#include "rules/catalogue/rule.hpp"
#include "rules/cluster/builtinroles.hpp"

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

// Calls f(path, identity, toolClass, role, facts) for each ClusterRole that the AgentIdentity in `input`
// names and that no check of roles sees:
// - a role that `input.cluster` does not know. `facts` is null unless it is built in; it is also null for
//   admin, edit and view.
// - a built-in role to which files add rules (RoleFacts::additions)
// Does nothing for other objects. At admission a webhook handler checks the roles of an identity instead.
template <class F>
void forAbsentRoles(const ObjectCheckInput& input, F f) {
  if (!input.object.is("errand.dev", "AgentIdentity")) return;
  const auto identity = input.cluster.identity(input.ns, input.object.name);
  if (!identity) return;
  for (size_t i = 0; i < identity->toolClasses.size(); ++i) {
    const api::ToolClass& c = identity->toolClasses[i];
    for (size_t j = 0; j < c.access.clusterRoles.size(); ++j) {
      const api::AllowedRole& role = c.access.clusterRoles[j];
      auto facts = input.cluster.role({{"ClusterRole", role.name}, ""});
      if (facts != nullptr && facts->additions.empty()) continue;
      if (facts == nullptr) facts = builtInFacts(role.name);
      f(fmt::format("/spec/toolClasses/{}/access/clusterRoles/{}", i, j), *identity, c, role, facts.get());
    }
  }
}

// Returns a text such as: rules[0] of ClusterRole "tickets".
std::string inWords(const AggregatedRule& taken);

// How to make the rules of an aggregated ClusterRole known.
inline constexpr std::string_view kFixUnknown =
    "scan the ClusterRoles that the selector selects together with this one, or write the rules into the "
    "role";

// Returns the JSON Pointer of the selector in the aggregated ClusterRole `role`.
std::string pathOf(const UnknownRules& unknown, const ObjectView& role);

// Returns a text such as: aggregationRule.clusterRoleSelectors[0] selects no ClusterRole of the input.
std::string inWords(const UnknownRules& unknown, const ObjectView& role);

}  // namespace errand::rules
