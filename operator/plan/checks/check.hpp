// Finds the problems that keep a grant from starting. Some of them also end a started grant.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/policy/ceiling.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

using policy::Problem;

// Returns a problem for each pod that mounts the grant's slot and must not receive its content. For a started
// grant, a controller that is not in the cache yet is no problem.
std::vector<Problem> mountProblems(const Observed& o);

// Returns a problem for each leased Secret that does not exist, or that may not be leased.
std::vector<Problem> leaseProblems(const Observed& o);

// Returns a problem for each role with a rule that is a way to other credentials, unless the tool class
// accepts that. Roles that the tool class does not list are left to the ceiling.
std::vector<Problem> dangerProblems(const Observed& o);

// Returns every problem that keeps a grant from starting. In a namespace that is not enforced, only the first
// line is checked, because its objects are not watched:
// - the namespace, the identity and its ceiling, the parent's access, names of files
// - a workload whose pods would not receive the credentials
// - roles and Secrets that do not exist, and roles that may not be bound
// - workloads and pods that admission has not checked
// - standing rights, and objects of others under the grant's names
std::vector<Problem> startProblems(const Observed& o, Time now);

}  // namespace errand::plan
