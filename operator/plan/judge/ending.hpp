// Why a grant ends, if it does.
#pragma once

#include <optional>
#include <string>

#include "operator/plan/observed.hpp"

namespace errand::plan {

struct Ending {
  api::Phase phase;     // terminal
  std::string because;  // status.endedBecause: CamelCase
  std::string message;  // for people
};

// Nothing while the grant may go on (or wait). The first cause that holds, by
// what a person would name first: what someone asked for, then the task's own
// end, then the window, then what was withdrawn.
std::optional<Ending> endingOf(const Observed& o, const Settings& settings, Time now);

}  // namespace errand::plan
