// Turns JSON Pointers (RFC 6901) into the names of fields for messages.
#pragma once

#include <string>
#include <string_view>

namespace errand::rules {

// Returns livenessProbe.httpGet.httpHeaders[0].value for /livenessProbe/httpGet/httpHeaders/0/value. Shows
// each key as printable() does. A key of digits only looks like an index.
std::string fieldOf(std::string_view pointer);

// Returns the pointer without its last step; empty for a pointer of one step.
std::string_view parentOf(std::string_view pointer);

}  // namespace errand::rules
