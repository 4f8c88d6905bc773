// The codec of metav1.LabelSelector, which two kinds have.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/api/agentidentity.hpp"

namespace errand::api {

class Reader;

void readSelector(const Reader& r, LabelSelector& out);
nlohmann::json encode(const LabelSelector& selector);

}  // namespace errand::api
