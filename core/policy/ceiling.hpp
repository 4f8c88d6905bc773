// Checks a grant against the ceiling of its AgentIdentity.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/policy/grantstate.hpp"
#include "core/policy/reason.hpp"

namespace errand::policy {

// A problem that persists until a user changes an object.
struct Problem {
  Reason reason;
  std::string message;  // names the field and what to do
};

// Returns a problem unless the identity and the tool class exist, and the identity is neither
// suspended nor expired.
std::optional<Problem> identityProblem(const GrantState& s, Time now);

// Returns the problem of identityProblem() only if it was set deliberately: the identity exists, and is
// Suspended or has expired.
std::optional<Problem> identitySwitchedOff(const GrantState& s, Time now);

// Checks only the tool class's ceiling; the class must exist. The operator repeats the check while the grant
// is Active.
std::vector<Problem> ceilingProblems(const GrantState& s);

}  // namespace errand::policy
