// Plans a grant after its end: deletes the rights, then the Secret, then the account. Then it proves that the
// API server rejects the last token, and releases the grant.
#pragma once

#include "operator/plan/plan.hpp"

namespace errand::plan {

// Requires that the phase in `o.grant->status` is terminal, and that `p.status` is baseStatus(o) or the end
// that is about to be stored.
void planEnded(Plan& p, const Observed& o, const Settings& settings, Time now);

}  // namespace errand::plan
