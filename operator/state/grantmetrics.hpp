// Counts the grants in the store for Prometheus, by phase and by the reason why they are stalled.
#pragma once

#include "core/api/taskgrant.hpp"
#include "core/kube/watch/store.hpp"

namespace errand::state {

// Keeps the metric errand_grants current. Call it before the first reflector starts.
void countGrants(kube::Store<api::TaskGrant>& grants);

}  // namespace errand::state
