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

std::string keyOf(std::string_view step) {
  std::string out;
  for (size_t i = 0; i < step.size(); ++i)
    if (step[i] == '~' && i + 1 < step.size())
      out += step[++i] == '1' ? '/' : '~';
    else
      out += step[i];
  return out;
}

}  // namespace errand
