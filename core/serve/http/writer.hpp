// The bytes of an HTTP/1.1 answer.
#pragma once

#include <string>

#include "core/serve/routes.hpp"

namespace errand::serve {

inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// Header and body in one piece; `keep` is whether the connection stays. With
// `headOnly`, for HEAD, the length is that of the body which is left out (RFC 9110, 9.3.2).
std::string serialize(const Response& response, bool keep, bool headOnly);

}  // namespace errand::serve
