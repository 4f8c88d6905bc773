// Whether bytes are text as YAML and JSON want it.
#pragma once

#include <cstddef>
#include <string_view>

namespace errand::cli {

// The length of the UTF-8 sequence (RFC 3629) at the beginning of `rest`, which is not empty; 0 if none
// begins there, and for NUL.
size_t sequenceAt(std::string_view rest);

// How many bytes from the beginning are UTF-8 (RFC 3629) without NUL: all of them, or up to the first that is
// none.
size_t textPrefix(std::string_view bytes);

}  // namespace errand::cli
