// Records in annotations who asks for a TaskGrant, and checks that record when no
// mutating webhook can change the grant any more.
#pragma once

#include <optional>
#include <string>

#include "core/api/objects.hpp"
#include "rules/inject/patch.hpp"
#include "rules/view/admission.hpp"

namespace errand::webhook {

// At CREATE: the annotations of the user who asks. An error where the object already says that another user
// asked for it, as a restored or copied grant does, or where this user cannot be recorded.
Result<rules::Patch> recordAtCreate(const rules::AdmissionRequest& request, const api::PartialObject& object);

// At UPDATE: the annotations that a client has left out, as a PUT of the author's file does. A value that was
// changed stays as it is, for the policy errand-requester to reject. Such a file has no finalizers either, so
// the operator's are put back beside.
rules::Patch restoreAtUpdate(const api::PartialObject& object, const api::PartialObject& old);

// Why the object does not say who makes this very request, if so.
std::optional<std::string> notRecorded(const rules::AdmissionRequest& request, const api::ObjectMeta& meta);

}  // namespace errand::webhook
