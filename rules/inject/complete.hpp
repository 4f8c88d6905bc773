// Completes a workload's pod from its grant (delivery mode Projected).
#pragma once

#include <string_view>

#include "core/api/agentidentity.hpp"
#include "core/api/taskgrant.hpp"
#include "core/base/result.hpp"
#include "rules/inject/patch.hpp"

namespace errand::rules {

// The patch that makes the pod run as the grant's own account with the grant's
// credentials, for no longer than its window and with no longer grace than that, and wait at the gate
// errand.dev/grant until the operator lifts it. Empty exactly where the pod is
// so already: applied to its own result it changes nothing, and the validating
// half takes a pod for completed only where this is empty. Forbidden, with the
// reason for the pod's author, where the pod may not be completed from this grant;
// NotFound where the identity or the grant's account is not there yet.
Result<Patch> completeFromGrant(const PodView& pod, const api::TaskGrant& grant,
                                const api::AgentIdentity* identity, std::string_view user,
                                Seconds longestGrace);

}  // namespace errand::rules
