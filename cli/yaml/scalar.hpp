// Converts YAML scalars to JSON, like the library of kubectl.
#pragma once

#include <string>
#include <string_view>

namespace errand::cli {

// Returns a string as JSON.
std::string jsonText(std::string_view text);

// Returns the JSON of a scalar without quotes and tag: null, true, a number, or a string. Prints numbers like
// Go, so 8.64e4 is 86400.
std::string plainScalar(const std::string& text);

// Returns the JSON key of a map's key without quotes and tag: "true" for yes, "15" for 0o17, "null" for ~.
std::string plainKey(const std::string& text);

}  // namespace errand::cli
