#include "rules/view/describe.hpp"

#include "rules/literals/scanner.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kHidden = "a name that is itself a key";

bool isKey(std::string_view name) { return !Scanner::instance().scan(name).empty(); }

std::string shown(std::string_view name) {
  constexpr size_t kLongest = 64;
  std::string out;
  for (const char c : name.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte >= 0x7f || c == '"' ? '?' : c;
  }
  return name.size() > kLongest ? out + "..." : out;
}

}  // namespace

std::string printable(std::string_view name) { return isKey(name) ? std::string(kHidden) : shown(name); }

std::string inQuotes(std::string_view name) {
  return isKey(name) ? std::string(kHidden) : '"' + shown(name) + '"';
}

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

std::string inWords(policy::Danger danger) {
  danger.verb = printable(danger.verb);
  danger.resource = printable(danger.resource);
  return policy::describe(danger);
}

}  // namespace errand::rules
