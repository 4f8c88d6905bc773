// Writes the response of an AdmissionReview as JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace errand::webhook {

// Messages in the answer to an allowed request.
struct Remarks {
  std::vector<std::string> warnings;  // for the client; the API server cuts each at 256 bytes, all at 4096
  // For the audit log, as the annotations <webhook's name>/findings and <webhook's name>/exempted.
  std::string audit, exempted;
};

// Allows the request. `patch` is a JSON Patch, or empty.
std::string allowAnswer(std::string_view uid, std::string_view patch = {}, const Remarks& remarks = {});

// Rejects the request with HTTP status 403 and metav1.Status reason Forbidden.
std::string refuseAnswer(std::string_view uid, std::string_view message);

}  // namespace errand::webhook
