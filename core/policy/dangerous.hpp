// Finds rules of a role that lead to credentials beyond those granted to its holder. A table lists the
// harmless permissions; all others are dangerous.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/objects.hpp"

namespace errand::policy {

// A danger of one rule.
struct Danger {
  size_t rule = 0;             // index into the rules
  std::string verb, resource;  // as in the rule: deployments.apps; untrusted input from the role's author
  std::string_view why;        // the effect of verb and resource
};

// Returns the first danger of each rule that has one. Pass a role's effective rules.
//
// The check covers everything that the text of a rule allows, and ignores resourceNames. It also ignores that
// a RoleBinding grants no cluster-scoped resources.
std::vector<Danger> dangersOf(std::span<const api::PolicyRule> rules);

// Returns a text such as: allows "patch" on "secrets", whose answers hold the values. Replaces characters
// that are not printable.
std::string describe(const Danger& danger);

// True for the ClusterRoles that Kubernetes binds to every user, for API discovery and reviews of the user's
// own access.
bool isForEverybody(std::string_view clusterRole);

// True for the built-in ClusterRoles with dangerous rules, or with a streamingRule(). The name identifies
// them, because files seldom hold their rules.
bool isBuiltInDangerous(std::string_view clusterRole);
bool isBuiltInStreaming(std::string_view clusterRole);

// Returns the kinds of access to agents that the rules give in one call, as text for people: "reads Secrets",
// "mints tokens", "impersonates", "runs commands in pods".
std::vector<std::string_view> accessToAgents(std::span<const api::PolicyRule> rules);

// Returns the index of the first rule that allows a connection which outlives the permission: a watch, a log,
// a shell, a port. The API server checks RBAC only when a connection opens.
std::optional<size_t> streamingRule(std::span<const api::PolicyRule> rules);

}  // namespace errand::policy
