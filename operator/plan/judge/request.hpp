// Who asked for a grant, and whether that may be believed.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "core/api/seal.hpp"
#include "operator/plan/judge/ending.hpp"

namespace errand::plan {

// Why the grant is denied by how it was asked for, if so: it never started, its
// annotations cannot be changed, so nothing but another grant helps. Nothing
// while the request is not judged yet (Request::judged).
std::optional<Ending> deniedRequest(const Observed& o);

// "alice"; empty where the seal is not good.
std::string_view requesterOf(const Observed& o);

}  // namespace errand::plan
