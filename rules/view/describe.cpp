#include "rules/view/describe.hpp"

#include "core/base/excerpt.hpp"
#include "rules/literals/scanner.hpp"

namespace errand::rules {
namespace {

constexpr std::string_view kHidden = "a name that is itself a key";

bool isKey(std::string_view name) { return !Scanner::instance().scan(name).empty(); }

}  // namespace

std::string printable(std::string_view name) { return isKey(name) ? std::string(kHidden) : excerpt(name); }

std::string inQuotes(std::string_view name) {
  return isKey(name) ? std::string(kHidden) : '"' + excerpt(name) + '"';
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
