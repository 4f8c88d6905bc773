// Whether a grant may start at all: what its identity allows and what exists.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "operator/plan/observed.hpp"

namespace errand::plan {

// Something that only a change of something written can mend.
struct Problem {
  std::string reason;   // CamelCase, for programs
  std::string message;  // names the field and the way out
};

// Whether there is such an identity and tool class, and the identity lets grants run.
std::optional<Problem> identityProblem(const Observed& o, Time now);

// Against the tool class's ceiling alone; the class must be there. Judged again while the grant is Active.
std::vector<Problem> ceilingProblems(const Observed& o);

// Secrets that are leased and do not exist, or that their owner does not let be leased.
std::vector<Problem> leaseProblems(const Observed& o);

// All that keeps a grant from starting: the namespace, the ceiling, its parent's
// access, roles and Secrets that do not exist, objects of others under the grant's names.
std::vector<Problem> startProblems(const Observed& o, Time now);

}  // namespace errand::plan
