#include "webhook/view/describe.hpp"

namespace errand::webhook {

std::string printable(std::string_view name) {
  constexpr size_t kLongest = 64;
  std::string out;
  for (const char c : name.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte >= 0x7f || c == '"' ? '?' : c;
  }
  return name.size() > kLongest ? out + "..." : out;
}

std::string inQuotes(std::string_view name) { return '"' + printable(name) + '"'; }

std::string describe(const Container& container) {
  switch (container.role) {
    case ContainerRole::Container:
      return "container " + inQuotes(container.name);
    case ContainerRole::Init:
      return "init container " + inQuotes(container.name);
    case ContainerRole::Ephemeral:
      return "ephemeral container " + inQuotes(container.name);
  }
  return inQuotes(container.name);
}

}  // namespace errand::webhook
