// Encodes and decodes the record, the ConfigMap errand-guards.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/base/result.hpp"
#include "operator/guards/plan.hpp"

namespace errand::guards {

inline constexpr const char* kRecordName = "errand-guards";

// Returns the ConfigMap to apply. Its data has the key `since` (RFC 3339), the key `doubted` if true, and for
// each guard the key KIND.NAME with the value `UID GENERATION`.
nlohmann::json encode(const Record& record, const std::string& ns);

// Fails with Invalid if the object is not in the format of encode().
Result<Record> decodeRecord(const nlohmann::json& configMap);

}  // namespace errand::guards
