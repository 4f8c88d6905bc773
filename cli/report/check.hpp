// Checks the objects that exist in a cluster by the rules.
#pragma once

#include "cli/findings/report.hpp"
#include "cli/report/livecluster.hpp"

namespace errand::cli {

// `now` decides which Exemptions are in force. Pods of one controller with the same finding are one finding.
Report checkCluster(const LiveCluster& cluster, Time now, const rules::RuleSettings& rules = {});

}  // namespace errand::cli
