// Inside the window: bindings, the slot's credentials and their renewal, the gates of pods.
#pragma once

#include "operator/plan/checks/derived.hpp"
#include "operator/plan/plan.hpp"

namespace errand::plan {

// Plans a grant that has started and not ended: what should exist exists. `p.status` is baseStatus(o).
void planActive(Plan& p, const Observed& o, const Start& start, const Settings& settings, Time now);

}  // namespace errand::plan
