// The fields of a webhook configuration (admissionregistration.k8s.io/v1) that this project reads.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace errand::api {

// Returns the caBundle of each webhook of a configuration as PEM, in their order; empty if a webhook has
// none. Fails with Invalid if the configuration cannot be read: an empty list would mean that nothing is
// published, or that any certificate is trusted.
Result<std::vector<std::string>> caBundles(const nlohmann::json& configuration);

}  // namespace errand::api
