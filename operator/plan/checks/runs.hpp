// Pods and Jobs that keep running after a grant's end. The rights are gone by then. A watch, log or shell
// stream that was opened before stays open until the process that holds it ends.
#pragma once

#include <string>
#include <vector>

#include "operator/plan/actions.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

// Pods that hold the credentials of a Projected grant: past the gate, on a node, and not ended.
std::vector<std::string> podsRunning(const Observed& o);

// Returns what to end: the grant's Job, so that it creates no more pods, and each of its pods. Those whose
// deadline is already lowered are left out. Empty before a start, and for a Slot, whose pods continue with
// other tasks.
std::vector<EndRun> runsToEnd(const Observed& o);

}  // namespace errand::plan
