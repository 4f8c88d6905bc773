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
// The patch is empty exactly if the pod is complete. Applied to its own result it changes nothing, and the
// validating webhook accepts a pod as complete only if the patch is empty.
// Fails with Forbidden, and the reason for the pod's author, if the pod may not be completed from this grant.
// Fails with NotFound if the identity or the grant's account does not exist yet.
Result<Patch> completeFromGrant(const PodView& pod, const api::TaskGrant& grant,
                                const api::AgentIdentity* identity, std::string_view user,
                                Seconds longestGrace);

}  // namespace errand::rules
