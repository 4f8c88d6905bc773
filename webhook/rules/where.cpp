#include "webhook/rules/where.hpp"

namespace errand::webhook {
namespace {

std::string escaped(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

}  // namespace

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
  return "/" + std::string(field.substr(0, dot)) + "/" + escaped(field.substr(dot + 1));
}

}  // namespace errand::webhook
