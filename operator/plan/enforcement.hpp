// Since when a namespace is enforced: the annotation errand.dev/enforced-since. A policy keeps it for the
// operator, and refuses every write that leaves it while the label is not "true", so that whoever takes the
// label off takes the annotation along, also while the operator is away.
#pragma once

#include <optional>
#include <string>

#include "core/api/objects.hpp"
#include "core/base/time.hpp"

namespace errand::plan {

// Writes the annotation, whole seconds.
struct MarkEnforced {
  std::string ns, uid, version;
  Time since;
};

// None where the namespace has it, does not take part, or is going away. `settle` is the time that each API
// server is given to learn of the label.
std::optional<MarkEnforced> planEnforcement(const api::PartialObject& ns, Seconds settle, Time now);

}  // namespace errand::plan
