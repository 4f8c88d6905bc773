// Pods and Jobs that keep running after a grant's end, when its rights are revoked. A watch, log or shell
// stream that is already open stays open until its process ends.
#pragma once

#include <string>
#include <vector>

#include "operator/plan/actions.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

// Returns the names of pods that hold the credentials of a Projected grant: they have passed the gate, are on
// a node, and have not ended.
std::vector<std::string> podsRunning(const Observed& o);

// Returns the runs to end: the grant's Job, so that it creates no more pods, and each of its pods. Leaves out
// those whose deadline is already lowered. Empty before a start, and for a Slot, whose pods continue with
// other tasks.
std::vector<EndRun> runsToEnd(const Observed& o);

}  // namespace errand::plan
