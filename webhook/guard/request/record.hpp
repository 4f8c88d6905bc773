// Records the requester of a TaskGrant in annotations, and checks that record after all mutation.
#pragma once

#include <optional>
#include <string>

#include "core/api/objects.hpp"
#include "rules/inject/patch.hpp"
#include "rules/view/admission.hpp"

namespace errand::webhook {

// At CREATE, returns the patch that records the requester in annotations. Fails with Forbidden if the object
// already names another requester, as a restored or copied grant does. Removes requester annotations that
// this user does not have. Fails with Invalid if this user cannot be recorded (api::recordRequester).
Result<rules::Patch> recordAtCreate(const rules::RequestInfo& info, const api::PartialObject& object);

// At UPDATE, returns the patch that restores annotations that a client left out, for example by replacing the
// object with its original file (PUT). Such a file has no finalizers either. If annotations are missing and
// the object has no finalizer, the patch restores all finalizers. A changed value stays as it is; the policy
// errand-requester rejects it.
rules::Patch restoreAtUpdate(const api::PartialObject& object, const api::PartialObject& old);

// Returns why the object does not record the user of this request, as text for the client; nullopt
// if it does.
std::optional<std::string> notRecorded(const rules::RequestInfo& info, const api::ObjectMeta& meta);

}  // namespace errand::webhook
