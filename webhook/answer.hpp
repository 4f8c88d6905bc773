// The response half of an AdmissionReview, as JSON.
#pragma once

#include <string>
#include <string_view>

namespace errand::webhook {

// `patch` is a JSON Patch, or empty.
std::string allowAnswer(std::string_view uid, std::string_view patch = {});

// Refused with HTTP status 403 and metav1.Status reason Forbidden.
std::string refuseAnswer(std::string_view uid, std::string_view message);

}  // namespace errand::webhook
