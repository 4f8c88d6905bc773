// What a grant may do under another, and for how long: parentRef.
#pragma once

#include <optional>
#include <vector>

#include "operator/plan/checks/check.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

// Delegation: within the parent's access, risk and window. StepUp: the same
// agent. Both: at most kMaxDepth grants in a chain, and no cycle.
std::vector<Problem> parentProblems(const Observed& o);

// Whether the parent has its rights at this moment.
bool parentRuns(const Observed& o, Time now);

}  // namespace errand::plan
