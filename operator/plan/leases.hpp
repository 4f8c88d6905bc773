// The versions of leased Secrets, as the slot or a copy records them in the annotation errand.dev/leased. If
// the annotation differs from the versions of the sources, the slot or copy is written again.
#pragma once

#include <string>
#include <string_view>

#include "operator/plan/observed.hpp"

namespace errand::plan {

inline constexpr std::string_view kLeasedAnnotation = "errand.dev/leased";

// Returns NAME@UID/RESOURCEVERSION of a source.
std::string leasedVersion(const api::PartialObject& source);
// Returns the versions of all leased Secrets that exist, separated by blanks.
std::string leasedVersions(const Observed& observed);

}  // namespace errand::plan
