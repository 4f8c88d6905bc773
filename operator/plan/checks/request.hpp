// Who asked for a grant, and whether that may be believed.
#pragma once

#include <optional>
#include <string>

#include "operator/plan/checks/ending.hpp"

namespace errand::plan {

// Why the grant is denied by how it was asked for, if so: it never started, its
// annotations cannot be changed, so nothing but another grant helps. Nothing
// where it was not checked (Provenance::checked).
std::optional<Ending> deniedRequest(const Observed& o);

// Why a grant that has started ends by who asked for it: the verb is gone. None for a grant that an earlier
// version started and of which no requester is recorded.
std::optional<Ending> revokedRequest(const Observed& o);

// "alice"; empty where admission has not recorded it.
std::string_view requesterOf(const Observed& o);

}  // namespace errand::plan
