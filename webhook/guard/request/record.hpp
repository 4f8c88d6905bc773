// Records the requester of a TaskGrant in annotations. It checks that record when no mutating webhook can
// change the grant any more.
#pragma once

#include <optional>
#include <string>

#include "core/api/objects.hpp"
#include "rules/inject/patch.hpp"
#include "rules/view/admission.hpp"

namespace errand::webhook {

// Returns, at CREATE, the patch that records the requester in annotations. Returns an error if the object
// already names another requester, as a restored or copied grant does, or if this user cannot be recorded.
Result<rules::Patch> recordAtCreate(const rules::RequestInfo& info, const api::PartialObject& object);

// Returns, at UPDATE, the patch that restores annotations that a client left out, as a PUT of the author's
// file does. A changed value stays as it is, for the policy errand-requester to reject. Such a file has no
// finalizers either, so the patch also restores the operator's.
rules::Patch restoreAtUpdate(const api::PartialObject& object, const api::PartialObject& old);

// Returns why the object does not record the user of this request, or nothing if it does.
std::optional<std::string> notRecorded(const rules::RequestInfo& info, const api::ObjectMeta& meta);

}  // namespace errand::webhook
