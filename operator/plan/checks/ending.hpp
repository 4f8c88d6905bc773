// Finds the reason for which a grant ends.
#pragma once

#include <optional>
#include <string>

#include "core/policy/ending.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

using policy::Ending;

// Returns nullopt while the grant may continue or wait; otherwise the first cause in this order:
// - for any grant: its deletion, or spec.revoke
// - for a started grant: its workload, its parent, the window, a revoked permission, a changed object
// - for a waiting grant: a deadline, its requester, its parent, a switch or the ceiling, its workload
//
// Requires that the grant's phase is not terminal.
std::optional<Ending> endingOf(const Observed& o, const Settings& settings, Time now);

}  // namespace errand::plan
