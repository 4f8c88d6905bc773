// Writes the answer to an AdmissionReview as JSON. Replaces bytes that are not UTF-8.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace errand::webhook {

// The messages in the answer to an allowed request.
struct Remarks {
  // For the client. The API server shortens each to 256 bytes, and all together to 4096.
  std::vector<std::string> warnings;
  // For the audit log, as the annotations <webhook's name>/findings and <webhook's name>/exempted.
  std::string audit, exempted;
};

// Returns the AdmissionReview that allows the request with this uid. `patch` is a JSON Patch, or empty.
std::string allowAnswer(std::string_view uid, std::string_view patch = {}, const Remarks& remarks = {});

// Returns the AdmissionReview that rejects the request, with code 403 and reason Forbidden (metav1.Status).
std::string refuseAnswer(std::string_view uid, std::string_view message);

}  // namespace errand::webhook
