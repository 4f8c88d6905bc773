// The fields of a webhook configuration (admissionregistration.k8s.io/v1) that this project reads.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace errand::api {

// Returns the caBundle of each webhook of a configuration as PEM, in their order. A bundle is empty if the
// webhook has none, or if it is not base64. Fails with Invalid if a field has the wrong type: callers would
// take an empty list for a configuration without webhooks.
Result<std::vector<std::string>> caBundles(const nlohmann::json& configuration);

}  // namespace errand::api
