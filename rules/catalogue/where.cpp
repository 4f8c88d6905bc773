#include "rules/catalogue/where.hpp"

#include "rules/view/pointer.hpp"

#include "core/json/pointer.hpp"

namespace errand::rules {

std::string pathOf(const PodView& pod, const Volume& volume) {
  return "/spec/volumes/" + std::to_string(&volume - pod.volumes.data());
}

std::string pathOf(const Container& container, const EnvVar& env) {
  return pathOf(container) + "/env/" + std::to_string(&env - container.env.data());
}

std::string pointer(std::string_view field) {
  std::string out = "/";
  for (const char c : field)
    if (c == '.' || c == '[')
      out += '/';
    else if (c != ']')
      out += c;
  return out;
}

std::string mapPointer(std::string_view field) {
  const size_t dot = field.find('.');
  std::string out = "/" + std::string(field.substr(0, dot));
  appendKey(out, field.substr(dot + 1));
  return out;
}

std::string_view nameOf(const std::vector<Text>& texts, size_t i) {
  const Text& text = texts[i];
  if (!text.name.empty() || i == 0) return text.name;
  const Text& before = texts[i - 1];
  const bool isFlag = before.name.empty() && before.value.starts_with('-') &&
                      before.value.find_first_of("= ") == std::string_view::npos;
  return isFlag && parentOf(before.path) == parentOf(text.path) ? before.value : text.name;
}

}  // namespace errand::rules
