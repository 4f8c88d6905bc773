// Checks a grant against its parent (spec.parentRef).
#pragma once

#include <optional>
#include <vector>

#include "operator/plan/checks/check.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

// Checks spec.parentRef; returns no problem without one. A Delegation must stay within the parent's access,
// risk and window. A StepUp must have the same agent. A chain has at most kMaxDepth grants and no cycle.
std::vector<Problem> parentProblems(const Observed& o);

// True if the parent is Active and no ancestor's window has closed at `now`. False without a parent.
bool parentRuns(const Observed& o, Time now);

}  // namespace errand::plan
