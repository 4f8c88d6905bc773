// Classifies the audience of a projected token.
#pragma once

#include <string_view>

#include "rules/settings.hpp"

namespace errand::rules {

// True if the API server accepts tokens of this audience. An empty audience means the API server.
bool isApiAudience(std::string_view audience, const RuleSettings& settings);

// True if a cloud provider exchanges tokens of this audience for a role's credentials.
bool isCloudAudience(std::string_view audience);

}  // namespace errand::rules
