// The objects that enrol a namespace: the same that manifests/namespace has. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace errand::cli {

struct EnrolSpec {
  std::string ns;
  std::vector<std::string> roles;         // Roles of the namespace that grants there may bind
  std::vector<std::string> clusterRoles;  // ClusterRoles likewise
  std::string operatorNamespace = "errand-system";
  std::string podSecurity = "baseline";  // the level that the API server enforces; empty: none
  bool closeMetadataService = true;      // a NetworkPolicy against the nodes' metadata service
};

// Reads `NAME`, `role/NAME` or `clusterrole/NAME` into the spec. Invalid if it has another form, or names a
// role of the operator's own.
Result<void> addRole(EnrolSpec& spec, const std::string& text);

// Invalid for a namespace that cannot be enrolled: kube-system, the operator's own, or no DNS label.
Result<void> check(const EnrolSpec& spec);

// The Namespace with its labels first, then the Role errand-operator-bind, the two RoleBindings and the
// NetworkPolicy.
std::vector<nlohmann::ordered_json> enrolment(const EnrolSpec& spec);

// The objects as YAML documents for `kubectl apply -f -`.
std::string asYaml(const std::vector<nlohmann::ordered_json>& objects);

// The rules of `present` (of the Role errand-operator-bind), with the roles of `wanted` that they lack. No
// rule is removed.
nlohmann::ordered_json mergedRules(const nlohmann::ordered_json& present,
                                   const nlohmann::ordered_json& wanted);

}  // namespace errand::cli
