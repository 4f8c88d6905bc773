// admissionregistration.k8s.io/v1: what of a webhook configuration matters to us.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace errand::api {

// The caBundle of each webhook of a configuration, in their order, as PEM; empty where there is none. No
// entries if the configuration cannot be read.
std::vector<std::string> caBundles(const nlohmann::json& configuration);

}  // namespace errand::api
