// The ClusterRoles that Kubernetes creates in every cluster, and that files seldom hold.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/agentidentity.hpp"
#include "core/api/objects.hpp"
#include "rules/cluster/clusterstate.hpp"

namespace errand::rules {

struct BuiltInRole {
  std::string name;
  api::StringMap labels;
  std::vector<api::PolicyRule> rules;
  std::vector<api::LabelSelector> selectors = {};  // not empty for an aggregated role
};

// Returns cluster-admin, the roles of which admin, edit and view are made, and those of components that read
// Secrets or mint tokens. Their rules are reduced to those that differ in danger, in access to agents, and in
// open connections.
std::vector<BuiltInRole> builtInRoles();

// Returns the analysis of a built-in role; null for any other role, and for admin, edit and view.
std::shared_ptr<const RoleFacts> builtInFacts(std::string_view name);

}  // namespace errand::rules
