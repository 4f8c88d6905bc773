// How the field that a JSON Pointer (RFC 6901) names is called in words.
#pragma once

#include <string>
#include <string_view>

namespace errand::rules {

// /livenessProbe/httpGet/httpHeaders/0/value as livenessProbe.httpGet.httpHeaders[0].value. A key that is
// itself a credential is not shown.
std::string fieldOf(std::string_view pointer);

// The pointer without its last step.
std::string_view parentOf(std::string_view pointer);

}  // namespace errand::rules
