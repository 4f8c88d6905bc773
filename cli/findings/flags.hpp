// The flags that `scan` and `report` share.
#pragma once

#include <string>

#include "cli/findings/report.hpp"
#include "rules/settings.hpp"

namespace CLI {
class App;
}

namespace errand::cli {

// The values of the flags. `format` is the name of an OutputFormat. `level` is medium, high or critical.
struct FindingFlags {
  std::string format = "text", level = "medium";
  rules::RuleSettings rules;
};

// Adds --format, --fail-level, --api-audience and the flags of the rules. `flags` must outlive the parsing.
void describe(CLI::App& command, FindingFlags& flags);

// Prints the report to standard output in the chosen format, and returns exitCode(). `flags` must hold values
// that the parser has checked.
int finish(const FindingFlags& flags, const Report& report);

}  // namespace errand::cli
