// Explains a grant: checks each link of its chain, as the operator and the webhook do. Pure.
#pragma once

#include <vector>

#include "cli/explain/facts.hpp"

namespace errand::cli {

// Returns one line for each link: pod, workload, grant, requester, identity, class, roles, secrets,
// namespace. Then follow what the operator reports and the lines above do not, and Events of type Warning.
// For a grant that has ended, the cause, the time and the proof of the revocation replace the checks of a
// start.
std::vector<CheckLine> explain(const ExplainFacts& facts, Time now);

}  // namespace errand::cli
