// The versions of the leased Secrets that the slot or a copy holds. A difference means that a
// source has changed.
#pragma once

#include <string>
#include <string_view>

#include "operator/plan/observed.hpp"

namespace errand::plan {

inline constexpr std::string_view kLeasedAnnotation = "errand.dev/leased";

// Returns name, uid and resourceVersion of a source as one text.
std::string leasedVersion(const api::PartialObject& source);
// Returns the versions of all Secrets that the grant leases, as one text.
std::string leasedVersions(const Observed& observed);

}  // namespace errand::plan
