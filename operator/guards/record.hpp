// The ConfigMap errand-guards: since when the guards hold, and which objects these are.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/base/result.hpp"
#include "operator/guards/plan.hpp"

namespace errand::guards {

inline constexpr const char* kRecordName = "errand-guards";

// The object to apply: data.since in RFC 3339, and for each guard KIND.NAME: UID GENERATION.
nlohmann::json encode(const Record& record, const std::string& ns);

// Fails with Invalid if the object is not in the format of encode().
Result<Record> decodeRecord(const nlohmann::json& configMap);

}  // namespace errand::guards
