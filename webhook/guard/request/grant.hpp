// Who may create a TaskGrant.
#pragma once

#include "rules/view/admission.hpp"
#include "webhook/guard/request/authorization.hpp"

namespace errand::webhook {

// Of a grant at CREATE, after all mutation: it says who makes this very request, a
// grant's account names its grant as the parent, and the requester has the verb
// `request` on the AgentIdentity. Membership of system:masters counts for nothing.
RequestVerdict evaluateGrant(const rules::AdmissionRequest& request, const api::TaskGrant& grant,
                             const rules::Views& views, const RequestViews& requests, Time now);

}  // namespace errand::webhook
