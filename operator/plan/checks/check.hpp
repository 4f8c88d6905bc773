// Finds the problems that keep a grant from starting, some of which also end it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/policy/ceiling.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

using policy::Problem;

// Returns pods that receive the content of the grant's slot, and must not. While the grant is Active, waits
// for a controller that is not known yet.
std::vector<Problem> holderProblems(const Observed& o);

// Returns leased Secrets that do not exist, or whose owner does not allow leases.
std::vector<Problem> leaseProblems(const Observed& o);

// Returns roles with a rule that is a way to other credentials, unless the tool class accepts that.
std::vector<Problem> dangerProblems(const Observed& o);

// Returns every problem that keeps a grant from starting:
// - the namespace, the ceiling and the parent's access
// - roles and Secrets that do not exist, and roles that may not be bound
// - workloads and pods that admission has not checked
// - standing rights, and objects of others under the grant's names
std::vector<Problem> startProblems(const Observed& o, Time now);

}  // namespace errand::plan
