// The argument of `explain`. Pure.
#pragma once

#include <string_view>

#include "cli/explain/facts.hpp"
#include "core/base/result.hpp"

namespace errand::cli {

// Reads NAME or KIND/NAME, with kubectl's names of the kinds: job, jobs, Job, jobs.batch. Fails with Invalid
// for another kind, and for an empty name.
Result<ObjectName> parseTarget(std::string_view text);

}  // namespace errand::cli
