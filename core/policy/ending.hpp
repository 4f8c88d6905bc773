// Decides why a grant ends. Reads only Errand's own objects, the workload and the namespace. The operator
// ends grants by this decision. The webhook rejects their tokens by the same decision, so that a kill switch
// works while the operator is down.
#pragma once

#include <optional>
#include <string>

#include "core/policy/ceiling.hpp"
#include "core/policy/grantstate.hpp"
#include "core/policy/reason.hpp"

namespace errand::policy {

// The cause of a grant's end.
struct Ending {
  api::Phase phase;     // terminal
  Reason because;       // status.endedBecause
  std::string message;  // for people
};

// The parts of endingOf(), for callers that check other causes between them. Each returns nullopt if the
// grant need not end.

// Checks whether the grant is deleted, or spec.revoke is set.
std::optional<Ending> endedByRequest(const GrantState& s);
// Checks whether an ancestor has ended or was replaced. A cycle of parents ends nothing.
std::optional<Ending> endedByParent(const GrantState& s, Time now);
// Checks the switches of namespace and identity. A missing enforce label, identity or tool class ends only an
// accepted grant, because a file may create these objects after the grant.
std::optional<Ending> endedBySwitch(const GrantState& s, Time now);

// Checks a grant that has started: parent, window, switches, ceiling, in this order.
std::optional<Ending> endedWhileStarted(const GrantState& s, const Start& start, Time now);

// Checks all of the above for a grant whose phase is not terminal. The first cause in their order counts.
std::optional<Ending> endingOf(const GrantState& s, Time now);

}  // namespace errand::policy
