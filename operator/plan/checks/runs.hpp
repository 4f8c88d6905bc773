// What runs on with a grant's credentials after its end. Its rights are gone by then; a watch, a log or a
// shell that was opened before goes on until the process that holds it ends.
#pragma once

#include <string>
#include <vector>

#include "operator/plan/plan.hpp"

namespace errand::plan {

// Pods that hold the credentials of a Projected grant: past the gate, on a node, and not ended.
std::vector<std::string> podsRunning(const Observed& o);

// The grant's Job, which makes no pod any more then, and each of its pods, that were not told to end yet.
// Empty before a start, and for a Slot, whose pods go on to other tasks.
std::vector<EndRun> runsToEnd(const Observed& o);

}  // namespace errand::plan
