// Decides from our own kinds and the namespace why a grant ends. The operator ends grants by this decision.
// The webhook rejects their tokens by it, so that a kill switch works while the operator is down.
#pragma once

#include <optional>
#include <string>

#include "core/policy/ceiling.hpp"
#include "core/policy/grantstate.hpp"
#include "core/policy/reason.hpp"

namespace errand::policy {

struct Ending {
  api::Phase phase;     // terminal
  Reason because;       // status.endedBecause
  std::string message;  // for people
};

// The parts of endingOf(), for callers that check other causes between them.
std::optional<Ending> endedByRequest(const GrantState& s);           // deleted, or spec.revoke
std::optional<Ending> endedByParent(const GrantState& s, Time now);  // a grant ends with any grant above it
// The switches of namespace and identity. A missing enforce label, identity or tool class ends only an
// accepted grant: before acceptance, it may just be applied a moment later than the grant.
std::optional<Ending> endedBySwitch(const GrantState& s, Time now);

// Checks a grant that has started: parent, window, switches, ceiling, in this order.
std::optional<Ending> endedWhileStarted(const GrantState& s, const Start& start, Time now);

// Checks all of the above for a grant in any phase that is not terminal. None while it may continue or wait.
std::optional<Ending> endingOf(const GrantState& s, Time now);

}  // namespace errand::policy
