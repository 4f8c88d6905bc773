// After the end: delete the rights, then the Secret, then the account. Then prove that the API server rejects
// the last token, and release the grant.
#pragma once

#include "operator/plan/plan.hpp"

namespace errand::plan {

// Plans a grant of a terminal phase. `p.status` is baseStatus(o).
void planEnded(Plan& p, const Observed& o, const Settings& settings, Time now);

}  // namespace errand::plan
