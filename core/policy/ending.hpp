// Decides from the kinds of this project and the namespace why a grant ends. The operator ends grants by this
// decision. The webhook rejects their tokens by the same decision, so that a kill switch works while the
// operator is down.
#pragma once

#include <optional>
#include <string>

#include "core/policy/ceiling.hpp"
#include "core/policy/grantstate.hpp"
#include "core/policy/reason.hpp"

namespace errand::policy {

// Why and how a grant ends.
struct Ending {
  api::Phase phase;     // terminal
  Reason because;       // status.endedBecause
  std::string message;  // for people
};

// The parts of endingOf(), for callers that check other causes between them.
std::optional<Ending> endedByRequest(const GrantState& s);  // the grant is deleted, or spec.revoke is set
// A grant ends as soon as an ancestor has ended.
std::optional<Ending> endedByParent(const GrantState& s, Time now);
// Checks the switches of namespace and identity. A missing enforce label, identity or tool class ends only an
// accepted grant. Before acceptance, such an object may still be applied after the grant.
std::optional<Ending> endedBySwitch(const GrantState& s, Time now);

// Checks a grant that has started: parent, window, switches, ceiling, in this order.
std::optional<Ending> endedWhileStarted(const GrantState& s, const Start& start, Time now);

// Checks all of the above for a grant whose phase is not terminal. Returns nullopt while the grant may
// continue or wait.
std::optional<Ending> endingOf(const GrantState& s, Time now);

}  // namespace errand::policy
