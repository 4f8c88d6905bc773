// Completes a workload's pod from its grant (delivery mode Projected).
#pragma once

#include <string_view>

#include "core/api/agentidentity.hpp"
#include "core/api/taskgrant.hpp"
#include "core/base/result.hpp"
#include "rules/inject/patch.hpp"

namespace errand::rules {

// Returns the patch that makes the pod run as the grant's own account with the grant's credentials:
// - for no longer than its window, and with no longer grace period than `longestGrace`
// - behind the gate errand.dev/grant, until the operator removes that gate
//
// The patch is empty exactly if the pod is complete. The patch of a completed pod is therefore empty, and the
// validating webhook uses this to verify a pod.
//
// `identity` is the grant's AgentIdentity, or null if it is not known. `user` creates the pod. Fails with
// Forbidden if the pod may not be completed from this grant. Fails with NotFound if only the identity or the
// grant's account is missing. The message is for the pod's author.
Result<Patch> completeFromGrant(const PodView& pod, const api::TaskGrant& grant,
                                const api::AgentIdentity* identity, std::string_view user,
                                Seconds longestGrace);

}  // namespace errand::rules
