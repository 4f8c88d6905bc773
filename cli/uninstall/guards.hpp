// Excludes one namespace from the binding of a policy, and includes it again. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace errand::cli {

// Return the merge patch of a ValidatingAdmissionPolicyBinding, with its resourceVersion as precondition.
// Return nullopt if nothing changes.
std::optional<nlohmann::json> excluding(const nlohmann::json& binding, const std::string& ns);
std::optional<nlohmann::json> including(const nlohmann::json& binding, const std::string& ns);

}  // namespace errand::cli
