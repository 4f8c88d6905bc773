// What an AgentIdentity allows its grants.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/policy/grantstate.hpp"

namespace errand::policy {

// Something that only a change of something written can mend.
struct Problem {
  std::string reason;   // CamelCase, for programs
  std::string message;  // names the field and the way out
};

// Whether there is such an identity and tool class, and the identity lets grants run.
std::optional<Problem> identityProblem(const GrantState& s, Time now);

// Against the tool class's ceiling alone; the class must be there. Checked again while the grant is Active.
std::vector<Problem> ceilingProblems(const GrantState& s);

}  // namespace errand::policy
