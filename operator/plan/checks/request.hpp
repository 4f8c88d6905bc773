// Checks who requested a grant, and whether the record of it can be trusted.
#pragma once

#include <optional>
#include <string>

#include "operator/plan/checks/ending.hpp"

namespace errand::plan {

// Returns why a grant that never started is denied because of its request. Its annotations are immutable, so
// only another grant helps. nullopt if the request is valid or was not checked (Provenance::checked).
std::optional<Ending> deniedRequest(const Observed& o);

// Returns why a started grant ends because of its requester: the verb `request` is gone. nullopt for a grant
// that an earlier version started without recording a requester.
std::optional<Ending> revokedRequest(const Observed& o);

// Returns the requester's user name, such as "alice". Empty if admission has not recorded it, or it was not
// checked.
std::string_view requesterOf(const Observed& o);

}  // namespace errand::plan
