// Who may create a TaskGrant.
#pragma once

#include "webhook/guard/request/asking.hpp"
#include "webhook/view/admission.hpp"

namespace errand::webhook {

// Of a grant at CREATE, after all mutation: it says who makes this very request, a
// grant's account names its grant as the parent, and the requester has the verb
// `request` on the AgentIdentity. Membership of system:masters counts for nothing.
RequestVerdict judgeGrant(const AdmissionRequest& request, const api::TaskGrant& grant, const Views& views,
                          const RequestViews& requests, Time now);

}  // namespace errand::webhook
