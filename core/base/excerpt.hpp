// Makes untrusted text safe to show in a message.
#pragma once

#include <string>
#include <string_view>

namespace errand {

// Returns at most 64 bytes, followed by "..." if the text is longer. Replaces quotation marks, control
// characters and bytes that are not ASCII by question marks.
std::string excerpt(std::string_view text);

}  // namespace errand
