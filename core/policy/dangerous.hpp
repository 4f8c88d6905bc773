// Finds the rules of a role that give access to credentials of others. A table lists the harmless permissions
// on known resources. On any other resource only reading is harmless.
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
  std::string verb, resource;  // such as deployments.apps; untrusted input from the role's author
  std::string_view why;        // the effect of verb and resource
};

// Returns the first danger of each rule that has one, in the order of the rules. Pass the rules that are in
// effect, after aggregation. The check ignores resourceNames, which would narrow a rule. It also ignores that
// a RoleBinding grants no cluster-scoped resources.
std::vector<Danger> dangersOf(std::span<const api::PolicyRule> rules);

// Returns a text such as: allows "patch" on "secrets": its answers hold the values of Secrets. Shows verb and
// resource by excerpt().
std::string describe(const Danger& danger);

// True for the ClusterRoles that Kubernetes binds to every user, for API discovery and reviews of the user's
// own access.
bool isForEverybody(std::string_view clusterRole);

// True for the built-in ClusterRoles with dangerous rules, and for those with a streamingRule(). They are
// known by name, because files seldom contain their rules.
bool isBuiltInDangerous(std::string_view clusterRole);
bool isBuiltInStreaming(std::string_view clusterRole);

// Returns the ways in which the rules give direct access to agents, as text for people: "reads Secrets",
// "mints tokens", "impersonates", "runs commands in pods".
std::vector<std::string_view> accessToAgents(std::span<const api::PolicyRule> rules);

// Returns the index of the first rule that allows a long connection: a watch, a log, a shell, a port, a
// proxy. Such a connection outlives the permission, because the API server checks RBAC only when it opens.
std::optional<size_t> streamingRule(std::span<const api::PolicyRule> rules);

}  // namespace errand::policy
