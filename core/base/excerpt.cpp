#include "core/base/excerpt.hpp"

namespace errand {

std::string excerpt(std::string_view text) {
  constexpr size_t kLongest = 64;
  std::string out(text.substr(0, kLongest));
  for (char& c : out)
    if (c < 0x20 || c >= 0x7f || c == '"') c = '?';
  return text.size() > kLongest ? out + "..." : out;
}

}  // namespace errand
