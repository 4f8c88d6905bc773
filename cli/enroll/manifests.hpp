// The objects that enrol a namespace, the same as in manifests/namespace. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace errand::cli {

// The options of an enrolment.
struct EnrolSpec {
  std::string ns;
  std::vector<std::string> roles;         // Roles of the namespace that its grants may bind
  std::vector<std::string> clusterRoles;  // ClusterRoles that its grants may bind
  std::string operatorNamespace = "errand-system";
  std::string podSecurity = "baseline";  // the level that the API server enforces; empty means none
  bool closeMetadataService = true;      // add a NetworkPolicy that blocks the nodes' metadata service
};

// Adds `NAME`, `role/NAME` or `clusterrole/NAME` to the spec. Fails with Invalid for another form, or for a
// role of the operator itself.
Result<void> addRole(EnrolSpec& spec, const std::string& text);

// Fails with Invalid for a namespace that cannot be enrolled: kube-system, the operator's own, or
// no DNS label.
Result<void> check(const EnrolSpec& spec);

// Returns the Namespace with its labels first, then the Role errand-operator-bind, the two RoleBindings and
// the NetworkPolicy.
std::vector<nlohmann::ordered_json> enrolment(const EnrolSpec& spec);

// Returns the objects as YAML documents for `kubectl apply -f -`.
std::string asYaml(const std::vector<nlohmann::ordered_json>& objects);

// Returns the rules of `present` (the Role errand-operator-bind) and the roles of `wanted` that they lack.
// Removes no rule.
nlohmann::ordered_json mergedRules(const nlohmann::ordered_json& present,
                                   const nlohmann::ordered_json& wanted);

}  // namespace errand::cli
