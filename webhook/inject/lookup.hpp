// Finds the grant that a pod names, with what completing the pod takes.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "webhook/views.hpp"

namespace errand::webhook {

struct NamedGrant {
  std::shared_ptr<const api::TaskGrant> grant;         // null where it is not known
  std::shared_ptr<const api::AgentIdentity> identity;  // null where it is not known
  std::optional<NeedsGrant> needs;                     // set where looking again may help
};

// `name` is a label's value as its author wrote it: what cannot be a grant's
// name is not asked for again.
NamedGrant findGrant(const Views& views, std::string_view ns, std::string_view name);

}  // namespace errand::webhook
