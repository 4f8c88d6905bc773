#include "rules/catalogue/where.hpp"

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

}  // namespace errand::rules
