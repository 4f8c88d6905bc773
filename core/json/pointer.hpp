// JSON Pointers (RFC 6901).
#pragma once

#include <string>
#include <string_view>

namespace errand {

// Appends "/key", escaped.
void appendKey(std::string& pointer, std::string_view key);

// Returns the key of one step between two slashes.
std::string keyOf(std::string_view step);

}  // namespace errand
