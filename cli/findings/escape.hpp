// Makes untrusted text safe for a terminal and for the log of a CI job.
#pragma once

#include <string>
#include <string_view>

namespace errand::cli {

// Replaces these by \xNN: control characters, line breaks, bytes that are not UTF-8, and characters that are
// invisible or change the direction of text. Also escapes commands to the runner of a CI job: :: at the
// beginning of the text, ##[ and ##vso anywhere. The result is one line.
std::string shown(std::string_view text);

}  // namespace errand::cli
