// For whom a projected token is good.
#pragma once

#include <string_view>

#include "rules/settings.hpp"

namespace errand::rules {

// The API server takes it. One without an audience is for the API server.
bool isApiAudience(std::string_view audience, const RuleSettings& settings);

// A cloud takes it and gives a role's credentials for it, wherever it comes from.
bool isCloudAudience(std::string_view audience);

}  // namespace errand::rules
