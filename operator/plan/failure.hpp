// The status of a grant after an action has failed.
#pragma once

#include "core/base/result.hpp"
#include "operator/plan/actions.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

// Returns the status to store after `action` failed.
// - Before the end: AlreadyExists, Forbidden and Invalid set Stalled with the error's message. Other errors
//   may pass, so they change nothing; a grant without a phase becomes Pending.
// - After the end: a Delete or EndRun that is refused sets Stalled. Forbidden, Invalid and Conflict count as
//   refused, and after 15 s any error.
api::TaskGrantStatus afterFailure(const Observed& observed, const Action& action, const Error& error,
                                  Time now);

// Reports in `status` that this pod or Job of an ended grant could not be ended. Changes nothing if the error
// may pass.
void reportRunNotEnded(api::TaskGrantStatus& status, const Observed& observed, const EndRun& run,
                       const Error& error, Time now);

}  // namespace errand::plan
