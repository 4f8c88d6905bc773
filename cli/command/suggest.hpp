// Suggests a command for a misspelt word. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace errand::cli {

// Returns the name with the fewest single-character changes from `word`. Returns an empty text if they exceed
// a third of its length (one is always allowed).
std::string nearest(std::string_view word, const std::vector<std::string>& names);

}  // namespace errand::cli
