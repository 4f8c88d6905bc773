// Checks a grant against the ceiling of its AgentIdentity.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/policy/grantstate.hpp"
#include "core/policy/reason.hpp"

namespace errand::policy {

// A problem of a grant. It persists until a user changes an object.
struct Problem {
  Reason reason;
  std::string message;  // names the field and what to do
};

// Returns a problem unless the identity and the tool class exist, and the identity is the one that accepted
// the grant and is neither being deleted, nor suspended, nor expired.
std::optional<Problem> identityProblem(const GrantState& s, Time now);

// Like identityProblem(), but only for an identity that someone has switched off: Suspended or expired.
std::optional<Problem> identitySwitchedOff(const GrantState& s, Time now);

// Compares the grant with its tool class and with the identity's podSelector. Both must exist: call
// identityProblem() first. The operator repeats the check while the grant is Active. Empty if all is allowed.
std::vector<Problem> ceilingProblems(const GrantState& s);

}  // namespace errand::policy
