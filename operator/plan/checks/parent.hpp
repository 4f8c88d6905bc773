// Checks what a grant may do under its parent (parentRef), and for how long.
#pragma once

#include <optional>
#include <vector>

#include "operator/plan/checks/check.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

// Delegation: within the parent's access, risk and window. StepUp: the same
// agent. Both: at most kMaxDepth grants in a chain, and no cycle.
std::vector<Problem> parentProblems(const Observed& o);

// True if the parent has its rights at `now`.
bool parentRuns(const Observed& o, Time now);

}  // namespace errand::plan
