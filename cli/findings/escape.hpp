// Makes text from others safe for a terminal and for the log of a CI job.
#pragma once

#include <string>
#include <string_view>

namespace errand::cli {

// Replaces these by \xNN: control characters, line breaks, bytes that are not UTF-8, and characters that
// change the direction of text. At the beginning of a line, also escapes a command to the runner of a CI job.
std::string shown(std::string_view text);

}  // namespace errand::cli
