// Checks a grant against its AgentIdentity.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/policy/grantstate.hpp"
#include "core/policy/reason.hpp"

namespace errand::policy {

// A problem that persists until somebody changes an object.
struct Problem {
  Reason reason;
  std::string message;  // names the field and the way out
};

// Returns a problem unless the identity and tool class exist and the identity lets grants run.
std::optional<Problem> identityProblem(const GrantState& s, Time now);

// Returns the part of identityProblem() that somebody has decided: the identity exists, and is Suspended or
// has expired.
std::optional<Problem> identitySwitchedOff(const GrantState& s, Time now);

// Checks the grant against the tool class's ceiling alone; the class must exist. The check is repeated
// while the grant is Active.
std::vector<Problem> ceilingProblems(const GrantState& s);

}  // namespace errand::policy
