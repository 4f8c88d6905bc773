// What the guards of requests may ask about the cluster, beside Views.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/objects.hpp"
#include "core/api/requester.hpp"
#include "core/api/taskgrant.hpp"
#include "core/policy/dangerous.hpp"

namespace errand::webhook {

// `ns` is empty for a ClusterRole.
struct RoleKey {
  api::RoleRef role;
  std::string ns;
  auto operator<=>(const RoleKey&) const = default;
};

// All must be set; each may be called several times for one review and must answer without blocking.
struct RequestViews {
  // Nothing where it is not known yet: see Outcome::asks.
  std::function<std::optional<bool>(const api::AccessRequest&)> may;
  // Those that have not ended and whose spec.workload is that one.
  std::function<std::vector<std::shared_ptr<const api::TaskGrant>>(std::string_view ns, std::string_view kind,
                                                                   std::string_view name)>
      grantsOfWorkload;
  // What of a role's effective rules is a way to other credentials; none where there is no such role. Nothing
  // where that is not known yet: see Outcome::roles.
  std::function<std::optional<std::vector<policy::Danger>>(const RoleKey&)> dangers;
};

}  // namespace errand::webhook
