// Checks whether bytes are text that YAML and JSON allow.
#pragma once

#include <cstddef>
#include <string_view>

namespace errand::cli {

// Returns the length of the UTF-8 sequence (RFC 3629) at the beginning of `rest`; 0 if none begins there, or
// if it is NUL. `rest` must not be empty.
size_t sequenceAt(std::string_view rest);

// Returns the number of bytes from the beginning that are UTF-8 (RFC 3629) without NUL.
size_t textPrefix(std::string_view bytes);

}  // namespace errand::cli
