// The cluster state that the guards of requests read, in addition to Views.
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
  // Returns nothing if the answer is not known yet: see Outcome::asks.
  std::function<std::optional<bool>(const api::AccessRequest&)> may;
  // Returns the grants that have not ended and whose spec.workload is this workload.
  std::function<std::vector<std::shared_ptr<const api::TaskGrant>>(std::string_view ns, std::string_view kind,
                                                                   std::string_view name)>
      grantsOfWorkload;
  // Returns the effective rules of a role that are a way to other credentials; none if there is no such role.
  // Returns nothing if the rules are not known yet: see Outcome::roles.
  std::function<std::optional<std::vector<policy::Danger>>(const RoleKey&)> dangers;
};

}  // namespace errand::webhook
