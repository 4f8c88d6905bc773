// Admits tokens for a grant's account only while the grant is Active and has no cause to end.
#pragma once

#include <string_view>

#include "core/base/time.hpp"
#include "rules/cluster/clusterstate.hpp"
#include "webhook/guard/request/authorization.hpp"

namespace errand::webhook {

// Checks a TokenRequest for `account`, which must begin with kGrantAccountPrefix. The grant must be Active,
// `now` must be in its window, and the caches must show no cause of an end (policy::endingOf). A suspended
// identity or namespace therefore stops the renewal of tokens even while the operator is down. Sets `needs`
// if a newer cache may change the refusal.
RequestVerdict evaluateToken(std::string_view ns, std::string_view account,
                             const rules::ClusterState& cluster, Time now);

}  // namespace errand::webhook
