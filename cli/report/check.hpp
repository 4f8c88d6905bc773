// Checks the objects of a cluster by the rules.
#pragma once

#include "cli/findings/report.hpp"
#include "cli/report/livecluster.hpp"

namespace errand::cli {

// Exemptions in force at `now` apply. Pods of one controller with the same finding count as one finding.
Report checkCluster(const LiveCluster& cluster, Time now, const rules::RuleSettings& rules = {});

}  // namespace errand::cli
