// Predicts what would keep a grant from starting, so that its author reads it in the answer to kubectl apply.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/cluster/clusterstate.hpp"
#include "rules/settings.hpp"
#include "rules/view/podview.hpp"

namespace errand::webhook {

// Warnings for the author of an object that is admitted.
struct Forecast {
  // Each begins with the field that it is about. The API server shortens each to 256 bytes.
  std::vector<std::string> warnings = {};
  std::vector<api::AccessRequest> asks = {};  // open questions, whose answers may add warnings
};

// Compares a new grant with its namespace, its identity and the operator's right to bind its roles. Skips
// what the cache does not know. The operator decides; an object that is applied a moment later may resolve a
// warning.
Forecast forecastGrant(const api::TaskGrant& grant, const rules::ClusterState& cluster,
                       const rules::RuleSettings& settings, Time now);

// Compares the pods of a workload with the grants that name the workload, and with the grant that their label
// names.
Forecast forecastWorkload(std::string_view ns, std::string_view kind, std::string_view name,
                          const rules::PodView& pod, const rules::ClusterState& cluster);

}  // namespace errand::webhook
