// The status of a grant after an action has failed.
#pragma once

#include "core/base/result.hpp"
#include "operator/plan/actions.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

// Returns the status to store after an action failed: the same facts, and a reason that names the field.
api::TaskGrantStatus afterFailure(const Observed& observed, const Action& action, const Error& error,
                                  Time now);

// Reports a failed EndRun in a status that is otherwise valid, because such a failure blocks no other action.
void reportUntold(api::TaskGrantStatus& status, const Observed& observed, const EndRun& run,
                  const Error& error, Time now);

}  // namespace errand::plan
