// Plans a grant before its start: the checks, the account without rights, the waiting line of its tool class.
#pragma once

#include "operator/plan/plan.hpp"

namespace errand::plan {

// Requires that the grant has not started, that endingOf() is nullopt, and that `p.status` is baseStatus(o).
void planWaiting(Plan& p, const Observed& o, const Settings& settings, Time now);

}  // namespace errand::plan
