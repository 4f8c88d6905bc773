// Finds the pods and Jobs that keep running after a grant's end. Its rights are revoked, but a watch, log or
// shell that is already open stays open until its process ends.
#pragma once

#include <string>
#include <vector>

#include "operator/plan/actions.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

// Returns the names of the pods that run as the grant's account (delivery Projected), sorted. They have
// passed the gate, are on a node, and have not ended.
std::vector<std::string> podsRunning(const Observed& o);

// Returns the runs to end: the grant's Job first, so that it creates no more pods, then each of its pods.
// Leaves out those whose deadline is already lowered. Returns none for a grant that never started, in a
// namespace that is being deleted, and for delivery Slot, whose pods continue with other tasks.
std::vector<EndRun> runsToEnd(const Observed& o);

}  // namespace errand::plan
