// The ConfigMap errand-guards: the time since which the guards hold, and the identity of these guards.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/base/result.hpp"
#include "operator/guards/plan.hpp"

namespace errand::guards {

inline constexpr const char* kRecordName = "errand-guards";

// Returns the object to apply: data.since in RFC 3339, and KIND.NAME: UID GENERATION for each guard.
nlohmann::json encode(const Record& record, const std::string& ns);

// Fails with Invalid if the object is not in the format of encode().
Result<Record> decodeRecord(const nlohmann::json& configMap);

}  // namespace errand::guards
