#include "cli/findings/flags.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <map>

#include "cli/findings/print.hpp"
#include "rules/catalogue/flags.hpp"

namespace errand::cli {
namespace {

const std::map<std::string, rules::Severity> kLevels = {{"medium", rules::Severity::Medium},
                                                        {"high", rules::Severity::High},
                                                        {"critical", rules::Severity::Critical}};

}  // namespace

void describe(CLI::App& command, FindingFlags& flags) {
  std::vector<std::string> formats, levels;
  for (const OutputFormat& format : outputFormats()) formats.emplace_back(format.name);
  for (const auto& [level, severity] : kLevels) levels.push_back(level);
  command.add_option("--format", flags.format, "Output format")
      ->check(CLI::IsMember(formats))
      ->capture_default_str();
  command.add_option("--fail-level", flags.level, "Exit with 1 for findings of this severity or above")
      ->check(CLI::IsMember(levels))
      ->capture_default_str();
  command
      .add_option(
          "--api-audience", flags.rules.apiAudiences,
          "Further audience that the API server accepts (its --api-audiences). Pods may not project a "
          "token for it. Repeatable.")
      ->type_name("NAME");
  rules::describe(command, flags.rules);
}

int finish(const FindingFlags& flags, const Report& report) {
  for (const OutputFormat& format : outputFormats())
    if (format.name == flags.format) std::cout << format.print(report) << std::flush;
  return exitCode(report, kLevels.at(flags.level));
}

}  // namespace errand::cli
