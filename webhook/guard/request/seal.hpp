// Seals a TaskGrant with who asked for it, and checks that seal when nobody
// can change the grant any more.
#pragma once

#include <optional>
#include <string>

#include "core/api/seal.hpp"
#include "webhook/guard/request/views.hpp"
#include "webhook/inject/patch.hpp"
#include "webhook/view/admission.hpp"

namespace errand::webhook {

struct SealKeys {
  SigningKey signing;
  VerifyingKeys accepted;  // its public half among them
};

// Both annotations, whatever the author wrote there. An error says what keeps
// this webhook from it, or what of the object cannot be read.
Result<Patch> sealGrant(const AdmissionRequest& request, const api::TaskGrant& grant,
                        const RequestViews& views, Time now);

// Why the grant does not carry the seal of this very request, if so.
std::optional<std::string> unsealed(const AdmissionRequest& request, const api::TaskGrant& grant,
                                    const RequestViews& views, Time now);

}  // namespace errand::webhook
