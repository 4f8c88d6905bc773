#include "core/json/pointer.hpp"

namespace errand {

void appendKey(std::string& pointer, std::string_view key) {
  pointer += '/';
  for (const char c : key)
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
}

}  // namespace errand
