// Checks a grant against its parent (spec.parentRef).
#pragma once

#include <optional>
#include <vector>

#include "operator/plan/checks/check.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

// A Delegation must stay within the parent's access, risk and window. A StepUp must have the same agent. Both
// allow at most kMaxDepth grants in a chain, and no cycle.
std::vector<Problem> parentProblems(const Observed& o);

// True if the parent has its rights at `now`.
bool parentRuns(const Observed& o, Time now);

}  // namespace errand::plan
