// Text that others wrote, made safe for a terminal and for the log of a CI job.
#pragma once

#include <string>
#include <string_view>

namespace errand::cli {

// Replaces control characters, line breaks, bytes that are not UTF-8 and characters that change the direction
// of text by \xNN, and what would be a command to the runner of a CI job at the beginning of a line.
std::string shown(std::string_view text);

}  // namespace errand::cli
