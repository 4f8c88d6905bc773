// JSON Pointers (RFC 6901), and how a field is called in words.
#pragma once

#include <string>
#include <string_view>

namespace errand::rules {

// Appends "/key", escaped.
void appendKey(std::string& pointer, std::string_view key);

// /livenessProbe/httpGet/httpHeaders/0/value as livenessProbe.httpGet.httpHeaders[0].value. A key that is
// itself a credential is not shown.
std::string fieldOf(std::string_view pointer);

// The pointer without its last step.
std::string_view parentOf(std::string_view pointer);

}  // namespace errand::rules
