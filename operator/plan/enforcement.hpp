// Plans the annotation errand.dev/enforced-since, the time from which a namespace is enforced. A policy lets
// only the operator write it. The policy also rejects every write that keeps the annotation without the label
// errand.dev/enforce=true. A user who removes the label must therefore remove the annotation in the same
// write, even while the operator is down.
#pragma once

#include <optional>
#include <string>

#include "core/api/objects.hpp"
#include "core/base/time.hpp"

namespace errand::plan {

// Writes the annotation, in whole seconds. The uid and the resourceVersion are preconditions.
struct MarkEnforced {
  std::string ns, uid, version;
  Time since;
};

// Returns a mark of `now` + `settle`, rounded up. Returns nullopt if the namespace has the annotation, is not
// enforced, or is being deleted. `settle` is the time for each API server to learn of the label.
std::optional<MarkEnforced> planEnforcement(const api::PartialObject& ns, Seconds settle, Time now);

}  // namespace errand::plan
