// Finds the reason for which a grant ends.
#pragma once

#include <optional>
#include <string>

#include "core/policy/ending.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

using policy::Ending;

// Returns nullopt while the grant may continue or wait. Otherwise returns the first cause that holds, in this
// order: a request by a user, the end of the task, the end of the window, a revoked permission.
std::optional<Ending> endingOf(const Observed& o, const Settings& settings, Time now);

}  // namespace errand::plan
