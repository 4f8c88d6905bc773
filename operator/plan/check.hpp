// Whether a grant may start at all: what its identity allows and what exists.
#pragma once

#include <string>
#include <vector>

#include "operator/plan/observed.hpp"

namespace errand::plan {

// Something that only a change of something written can mend.
struct Problem {
  std::string reason;   // CamelCase, for programs
  std::string message;  // names the field and the way out
};

// Against the identity's ceiling alone; judged again while the grant is Active.
std::vector<Problem> ceilingProblems(const Observed& o, Time now);

// Secrets that are leased and do not exist, or that their owner does not let be leased.
std::vector<Problem> leaseProblems(const Observed& o);

// All that keeps a grant from starting: the namespace, the ceiling, roles and
// Secrets that do not exist, objects of others under the grant's names.
std::vector<Problem> startProblems(const Observed& o, Time now);

}  // namespace errand::plan
