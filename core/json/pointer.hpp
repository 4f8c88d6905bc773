// JSON Pointers (RFC 6901).
#pragma once

#include <string>
#include <string_view>

namespace errand {

// Appends "/key", escaped.
void appendKey(std::string& pointer, std::string_view key);

}  // namespace errand
