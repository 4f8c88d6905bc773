// Names the command that a misspelt word most likely means. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace errand::cli {

// The name with the fewest single-character changes from `word`, if they are at most a third of its length
// (one is always allowed); else empty.
std::string nearest(std::string_view word, const std::vector<std::string>& names);

}  // namespace errand::cli
