// The response half of an AdmissionReview, as JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace errand::webhook {

// What is told though the request is allowed.
struct Remarks {
  std::vector<std::string> warnings;  // to who asked; the API server cuts each at 256 bytes, all at 4096
  // To the audit log, as <webhook's name>/findings and …/exempted.
  std::string audit, exempted;
};

// `patch` is a JSON Patch, or empty.
std::string allowAnswer(std::string_view uid, std::string_view patch = {}, const Remarks& remarks = {});

// Refused with HTTP status 403 and metav1.Status reason Forbidden.
std::string refuseAnswer(std::string_view uid, std::string_view message);

}  // namespace errand::webhook
