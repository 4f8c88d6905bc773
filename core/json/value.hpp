// JSON that is kept, changed, compared or written: nlohmann::json. It reads no text itself.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace errand {

class JsonNode;

// Parses text as JsonDocument does. Numbers without a sign are unsigned, as nlohmann's own parser has them.
Result<nlohmann::json> parseJson(std::string_view text);

nlohmann::json toValue(const JsonNode& node);

// An object of the API server without metadata.managedFields: some 40 % of an object, and no decision here
// uses it.
Result<nlohmann::json> parseObject(std::string_view text);
nlohmann::json toObject(const JsonNode& node);

// Never throws: bytes that are not UTF-8 are replaced.
std::string printJson(const nlohmann::json& value);

// Appends a value with its keys sorted and without spaces, as printJson() prints it: equal values have equal
// texts, and so equal digests. Leaves the field `without` out of the object, or of each object of the list.
void printSorted(std::string& out, const JsonNode& node, std::string_view without = {});

}  // namespace errand
