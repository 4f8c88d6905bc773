// Before the start: checks, the account without rights, the order of waiting.
#pragma once

#include "operator/plan/plan.hpp"

namespace errand::plan {

// Plans a grant that has not started: it waits, or starts where nothing stands in the way. `p.status` is
// baseStatus(o).
void planWaiting(Plan& p, const Observed& o, const Settings& settings, Time now);

}  // namespace errand::plan
