// Why a grant ends, as far as kinds of ours and its namespace tell. The operator ends grants by it, and the
// webhook refuses their tokens by it, so that a kill switch holds while the operator is away.
#pragma once

#include <optional>
#include <string>

#include "core/policy/ceiling.hpp"
#include "core/policy/grantstate.hpp"

namespace errand::policy {

struct Ending {
  api::Phase phase;     // terminal
  std::string because;  // status.endedBecause: CamelCase
  std::string message;  // for people
};

// The three parts of what follows, for who has other causes to check between them.
std::optional<Ending> endedByRequest(const GrantState& s);           // deleted, or spec.revoke
std::optional<Ending> endedByParent(const GrantState& s, Time now);  // a grant ends with any grant above it
// The switches of namespace and identity. What is missing ends only a grant that was accepted under it: it
// may have been applied a moment later than the grant.
std::optional<Ending> endedBySwitch(const GrantState& s, Time now);

// Of a grant that has started: parent, window, switches, ceiling, in this order.
std::optional<Ending> endedWhileStarted(const GrantState& s, const Start& start, Time now);

// All of the above for a grant in any phase but a terminal one. None while it may go on, or wait.
std::optional<Ending> endingOf(const GrantState& s, Time now);

}  // namespace errand::policy
