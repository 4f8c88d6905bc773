// Admits tokens for a grant's account only while the grant is Active and has no cause to end.
#pragma once

#include <string_view>

#include "core/base/time.hpp"
#include "rules/cluster/clusterstate.hpp"
#include "webhook/guard/request/authorization.hpp"

namespace errand::webhook {

// Checks a TokenRequest for `account`, which begins with kGrantAccountPrefix. Every cause of an end that the
// caches show counts (policy::endingOf). A suspended identity or namespace therefore stops the renewal of
// tokens even while the operator is down. The grant's window is compared with `now`, because an outdated
// cache must not extend it.
RequestVerdict evaluateToken(std::string_view ns, std::string_view account,
                             const rules::ClusterState& cluster, Time now);

}  // namespace errand::webhook
