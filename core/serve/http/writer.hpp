// Writes an HTTP/1.1 answer as bytes.
#pragma once

#include <string>

#include "core/serve/routes.hpp"

namespace errand::serve {

inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// Returns header and body in one string. `keep` is true if the connection stays open. With `headOnly`, for
// HEAD, the body is omitted, but its length stays in the header (RFC 9110, section 9.3.2). Header values are
// not checked: they must have no line break.
std::string serialize(const Response& response, bool keep, bool headOnly);

}  // namespace errand::serve
