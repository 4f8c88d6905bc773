// Checks the requester of a grant, and whether the record of that user can be trusted.
#pragma once

#include <optional>
#include <string>

#include "operator/plan/checks/ending.hpp"

namespace errand::plan {

// Returns why a grant that never started is denied: its requester is not recorded, or lacks the verb
// `request`. The record is immutable, so the user must create another grant. Returns nullopt if the request
// is valid, was not checked (Provenance::checked), or the API server gave no answer.
std::optional<Ending> deniedRequest(const Observed& o);

// Returns why a started grant ends: its requester has lost the verb `request`. Returns nullopt in the cases
// of deniedRequest(), and for a grant without a record, which an earlier version has started.
std::optional<Ending> revokedRequest(const Observed& o);

// Returns the requester's user name, as a view into `o`. Empty if admission has not recorded it, or it
// was not checked.
std::string_view requesterOf(const Observed& o);

}  // namespace errand::plan
