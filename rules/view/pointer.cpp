#include "rules/view/pointer.hpp"

#include <algorithm>

#include "core/json/pointer.hpp"
#include "rules/view/describe.hpp"

namespace errand::rules {
namespace {

bool isIndex(std::string_view step) {
  return !step.empty() && std::ranges::all_of(step, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string fieldOf(std::string_view pointer) {
  std::string out;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::string_view step = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(step.size());
    if (isIndex(step))
      (((out += '[') += step) += ']');
    else
      (out += out.empty() ? "" : ".") += printable(keyOf(step));
  }
  return out;
}

std::string_view parentOf(std::string_view pointer) { return pointer.substr(0, pointer.rfind('/')); }

}  // namespace errand::rules
