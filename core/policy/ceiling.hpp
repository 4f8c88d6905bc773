// Checks a grant against the ceiling of its AgentIdentity.
#pragma once

#include <optional>
#include <string>
#include <string_view>
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

// Compares the grant with its tool class, which must exist: call identityProblem() first. The operator
// repeats the check while the grant is Active. Empty if all is allowed.
std::vector<Problem> ceilingProblems(const GrantState& s);

// Compares the labels of the workload's pods with the identity's podSelector. The identity must exist. A user
// can mend the workload, so the problem ends only a grant that has started.
std::optional<Problem> podSelectorProblem(const GrantState& s);

// Returns the message for a role that the operator may not bind. `path` is the field that names it.
std::string mayNotBind(std::string_view path, std::string_view kind, std::string_view name,
                       std::string_view ns);

}  // namespace errand::policy
