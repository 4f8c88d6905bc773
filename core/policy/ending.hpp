// Decides why a grant ends. Reads only Errand's own objects, the workload and the namespace. The webhook
// rejects tokens by endingOf(), so that a kill switch works while the operator is down. The operator calls
// the parts, and checks further causes between them (operator/plan/checks/ending).
#pragma once

#include <optional>
#include <string>

#include "core/policy/ceiling.hpp"
#include "core/policy/grantstate.hpp"
#include "core/policy/reason.hpp"

namespace errand::policy {

// The cause of a grant's end.
struct Ending {
  api::Phase phase;     // Revoked or Expired here; the operator also uses Denied, Failed and Completed
  Reason because;       // status.endedBecause
  std::string message;  // for people
};

// The parts of endingOf(), for callers that check other causes between them. Each returns nullopt if the
// grant need not end.

// Checks whether the grant is deleted, or spec.revoke is set.
std::optional<Ending> endedByRequest(const GrantState& s);
// Checks whether an ancestor has ended, was replaced or no longer exists; for a started grant, also whether
// an ancestor's window has closed. A grant that is its own ancestor is not ended.
std::optional<Ending> endedByParent(const GrantState& s, Time now);
// Checks the switches of namespace and identity. A missing enforce label, identity or tool class ends only an
// accepted grant, because a file may create these objects after the grant. Also ends a grant whose
// namespace left enforcement after the grant was accepted, even if the namespace was enrolled again.
std::optional<Ending> endedBySwitch(const GrantState& s, Time now);

// Checks a grant that has started: parent, window, switches, ceiling, podSelector, in this order.
std::optional<Ending> endedWhileStarted(const GrantState& s, const Start& start, Time now);

// Returns the first cause that ends a grant whose phase is not terminal. Started: request, then
// endedWhileStarted(). Not started: request, parent, switch.
std::optional<Ending> endingOf(const GrantState& s, Time now);

}  // namespace errand::policy
