// Scalars as kubectl's library reads them, as JSON.
#pragma once

#include <string>
#include <string_view>

namespace errand::cli {

// The JSON of a string.
std::string jsonText(std::string_view text);

// The JSON of a scalar without quotes and tag: null, true, a number, or a string. Numbers are printed as Go
// prints them, so 8.64e4 is 86400.
std::string plainScalar(const std::string& text);

}  // namespace errand::cli
