// Decides which users may create a TaskGrant.
#pragma once

#include "rules/view/admission.hpp"
#include "webhook/guard/request/authorization.hpp"

namespace errand::webhook {

// Checks a grant at CREATE, after all mutation:
// - The grant must record the user of this request.
// - A grant's account may request only in its namespace, and must name its own grant as the parent.
// - A ServiceAccount must set spec.window.notAfter, to at most 24 hours after `now`.
// - The requester needs the verb `request` on the AgentIdentity. Membership of system:masters does not count.
RequestVerdict evaluateGrant(const rules::RequestInfo& info, const api::TaskGrant& grant,
                             const rules::ClusterState& cluster, Time now);

}  // namespace errand::webhook
