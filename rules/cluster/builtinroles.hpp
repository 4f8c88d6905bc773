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

// A ClusterRole of Kubernetes.
struct BuiltInRole {
  std::string name;
  api::StringMap labels;
  std::vector<api::PolicyRule> rules;
  std::vector<api::LabelSelector> selectors = {};  // not empty for an aggregated role
};

// Returns cluster-admin, admin, edit, view, the roles that these aggregate, and the roles of components that
// read Secrets or mint tokens. They have only the rules that matter here: for dangers, access to agents, and
// open connections.
std::vector<BuiltInRole> builtInRoles();

// Returns the analysis of a built-in role. Null for any other role, and for admin, edit and view, whose rules
// depend on the cluster. Safe to call from several threads.
std::shared_ptr<const RoleFacts> builtInFacts(std::string_view name);

}  // namespace errand::rules
