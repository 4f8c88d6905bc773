// The ClusterRoles that Kubernetes creates in every cluster, and that files seldom hold.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/api/agentidentity.hpp"
#include "core/api/objects.hpp"

namespace errand::rules {

struct BuiltInRole {
  std::string name;
  api::StringMap labels;
  std::vector<api::PolicyRule> rules;
  std::vector<api::LabelSelector> selectors = {};  // not empty for an aggregated role
};

// Returns cluster-admin, and the roles of which admin, edit and view are made. Their rules are reduced to
// those that differ in danger, in access to agents, and in open connections.
std::vector<BuiltInRole> builtInRoles();

}  // namespace errand::rules
