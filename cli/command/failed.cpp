#include <iostream>

#include "cli/command/command.hpp"
#include "cli/findings/escape.hpp"

namespace errand::cli {

int failed(const Error& error) {
  std::string_view rest = error.message;
  std::string_view lead = "kubectl-errand: ";
  do {
    const size_t end = std::min(rest.find('\n'), rest.size());
    std::cerr << lead << shown(rest.substr(0, end)) << '\n';
    rest.remove_prefix(std::min(end + 1, rest.size()));
    lead = "  ";
  } while (!rest.empty());
  return kFailed;
}

}  // namespace errand::cli
