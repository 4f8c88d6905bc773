// Records in annotations who asks for a TaskGrant, and checks that record when no
// mutating webhook can change the grant any more.
#pragma once

#include <optional>
#include <string>

#include "core/api/objects.hpp"
#include "webhook/inject/patch.hpp"
#include "webhook/view/admission.hpp"

namespace errand::webhook {

// At CREATE: the annotations of the user who asks. An error where the object already says that another user
// asked for it, as a restored or copied grant does, or where this user cannot be recorded.
Result<Patch> recordAtCreate(const AdmissionRequest& request, const api::Object& object);

// At UPDATE: the annotations that a client has left out, as a PUT of the author's file does. A value that was
// changed stays as it is, for the policy errand-requester to reject. Such a file has no finalizers either, so
// the operator's are put back beside.
Patch restoreAtUpdate(const api::Object& object, const api::Object& old);

// Why the object does not say who makes this very request, if so.
std::optional<std::string> notRecorded(const AdmissionRequest& request, const api::ObjectMeta& meta);

}  // namespace errand::webhook
