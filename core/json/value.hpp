// Values of nlohmann::json, for JSON that is stored, changed, compared or written. JsonDocument parses them.
#pragma once

#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace errand {

class JsonNode;

// Parses text, and fails, as JsonDocument::parse() does. Integers without a sign become unsigned, as with
// nlohmann's own parser.
Result<nlohmann::json> parseJson(std::string_view text);

// Converts a parsed value.
nlohmann::json toValue(const JsonNode& node);

// Like parseJson() and toValue(), but without metadata.managedFields of an object: it is some 40 % of an
// object and affects no decision.
Result<nlohmann::json> parseObject(std::string_view text);
nlohmann::json toObject(const JsonNode& node);

// Returns the value as JSON text. Never throws: replaces bytes that are not UTF-8.
std::string printJson(const nlohmann::json& value);

// Appends the value as printJson() prints it, with sorted keys. Equal values have equal texts, and so equal
// digests. Leaves out the fields `without` of this object, or of each object in this list, but not further
// below.
void printSorted(std::string& out, const JsonNode& node,
                 std::initializer_list<std::string_view> without = {});

}  // namespace errand
