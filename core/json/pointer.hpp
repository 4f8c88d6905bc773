// JSON Pointers (RFC 6901).
#pragma once

#include <string>
#include <string_view>

namespace errand {

// Appends a slash and the key, escaped.
void appendKey(std::string& pointer, std::string_view key);

// Returns the key of one step of a pointer, which is the text between two slashes.
std::string keyOf(std::string_view step);

}  // namespace errand
