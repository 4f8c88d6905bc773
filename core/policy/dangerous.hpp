// Which rules of a role are a way to credentials that nobody gave its holder: a table of what is harmless,
// and everything else is not.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/objects.hpp"

namespace errand::policy {

struct Danger {
  size_t rule = 0;             // index into the rules
  std::string verb, resource;  // as the rule says them: deployments.apps; from a role's author
  std::string_view why;        // what they come to
};

// The first danger of each rule that has one. Pass a role's effective rules.
//
// Checked is what the words of a rule allow, wherever it is bound: names that narrow it (resourceNames) count
// for nothing, and neither does it help that a RoleBinding gives nothing of cluster-scoped resources.
std::vector<Danger> dangersOf(std::span<const api::PolicyRule> rules);

// allows "patch" on "secrets", whose answers hold the values. Characters that are not printable are replaced.
std::string describe(const Danger& danger);

// ClusterRoles of every cluster, known by name because files seldom hold their rules: those that hold every
// danger, and those that hold a streamingRule().
bool isBuiltInDangerous(std::string_view clusterRole);
bool isBuiltInStreaming(std::string_view clusterRole);

// What of an agent's a holder of the rules has in one call, for people: "reads Secrets", "mints tokens",
// "impersonates", "runs commands in pods".
std::vector<std::string_view> accessToAgents(std::span<const api::PolicyRule> rules);

// The first rule that opens a connection which goes on after the right is gone: a watch, a log, a shell, a
// port. RBAC is asked when a connection is opened, and never again.
std::optional<size_t> streamingRule(std::span<const api::PolicyRule> rules);

}  // namespace errand::policy
