// Finds what keeps a grant from starting, and in part ends it: its identity's ceiling, and what exists.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/policy/ceiling.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

using policy::Problem;

// Pods that would be given, or are given, what is put into the grant's slot and must not be. While the grant
// is Active a controller that is not known yet is waited for.
std::vector<Problem> holderProblems(const Observed& o);

// Secrets that are leased and do not exist, or that their owner does not let be leased.
std::vector<Problem> leaseProblems(const Observed& o);

// Roles with a rule that is a way to other credentials, where the tool class does not accept that.
std::vector<Problem> dangerProblems(const Observed& o);

// All that keeps a grant from starting: the namespace, the ceiling, its parent's
// access, roles and Secrets that do not exist or may not be bound, workloads and pods that nobody checked,
// standing rights, objects of others under the grant's names.
std::vector<Problem> startProblems(const Observed& o, Time now);

}  // namespace errand::plan
