// Why a grant ends, if it does.
#pragma once

#include <optional>
#include <string>

#include "core/policy/ending.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

using policy::Ending;

// Nothing while the grant may go on (or wait). The first cause that holds, by
// what a person would name first: what someone asked for, then the task's own
// end, then the window, then what was revoked.
std::optional<Ending> endingOf(const Observed& o, const Settings& settings, Time now);

}  // namespace errand::plan
