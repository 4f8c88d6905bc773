// Converts YAML scalars to JSON, like the library of kubectl.
#pragma once

#include <string>
#include <string_view>

namespace errand::cli {

// Returns the text as a JSON string, with quotation marks.
std::string jsonText(std::string_view text);

// Returns the JSON of a scalar without quotes and tag: null, a boolean, a number, or a string. Reads words
// and integers as YAML 1.1: yes is true, 017 is 15. Prints numbers like Go: 8.64e4 is 86400.
std::string plainScalar(const std::string& text);

// Returns the key in JSON for a map's key without quotes and tag: true for yes, 15 for 0o17, null for ~. The
// result has no quotation marks.
std::string plainKey(const std::string& text);

}  // namespace errand::cli
