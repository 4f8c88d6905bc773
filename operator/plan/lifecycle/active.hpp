// Plans a grant inside its window: bindings, the slot's credentials and their renewal, the gates of pods.
#pragma once

#include "operator/plan/checks/derived.hpp"
#include "operator/plan/plan.hpp"

namespace errand::plan {

// Plans a started grant. Requires that endingOf() is nullopt, and that `p.status` is baseStatus(o).
void planActive(Plan& p, const Observed& o, const Start& start, const Settings& settings, Time now);

}  // namespace errand::plan
