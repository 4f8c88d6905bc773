// Plans the annotation errand.dev/enforced-since, the time from which a namespace is enforced. A policy
// reserves it for the operator, and rejects every write that keeps it while the label is not "true". So a
// user who removes the label must remove the annotation as well, also while the operator is down.
#pragma once

#include <optional>
#include <string>

#include "core/api/objects.hpp"
#include "core/base/time.hpp"

namespace errand::plan {

// Writes the annotation, in whole seconds.
struct MarkEnforced {
  std::string ns, uid, version;
  Time since;
};

// Returns nullopt if the namespace has the annotation, is not enforced, or is being deleted. `settle` is the
// time for each API server to learn of the label.
std::optional<MarkEnforced> planEnforcement(const api::PartialObject& ns, Seconds settle, Time now);

}  // namespace errand::plan
