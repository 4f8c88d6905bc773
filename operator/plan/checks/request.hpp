// Checks the requester of a grant, and whether the record of that user can be trusted.
#pragma once

#include <optional>
#include <string>

#include "operator/plan/checks/ending.hpp"

namespace errand::plan {

// Returns why a grant that never started is denied because of its request. The record is immutable, so the
// user must create another grant. nullopt if the request is valid, or was not checked (Provenance::checked).
std::optional<Ending> deniedRequest(const Observed& o);

// Returns why a started grant ends because of its requester, who has lost the verb `request`. nullopt for a
// grant that an earlier version started without recording a requester.
std::optional<Ending> revokedRequest(const Observed& o);

// Returns the requester's user name, such as "alice". Empty if admission has not recorded it, or it
// was not checked.
std::string_view requesterOf(const Observed& o);

}  // namespace errand::plan
