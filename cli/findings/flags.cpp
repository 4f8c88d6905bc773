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
  command.add_option("--format", flags.format, "How to print what is found")
      ->check(CLI::IsMember(formats))
      ->capture_default_str();
  command.add_option("--fail-level", flags.level, "The least severity to exit with 1 for")
      ->check(CLI::IsMember(levels))
      ->capture_default_str();
  command
      .add_option("--api-audience", flags.rules.apiAudiences,
                  "An audience of tokens that the API server takes (its --api-audiences) beside "
                  "https://kubernetes.default.svc\n"
                  "and https://kubernetes.default.svc.cluster.local, for which no pod may project a token; "
                  "may be given "
                  "several\n"
                  "times")
      ->type_name("NAME");
  rules::describe(command, flags.rules);
}

int finish(const FindingFlags& flags, const Report& report) {
  for (const OutputFormat& format : outputFormats())
    if (format.name == flags.format) std::cout << format.print(report) << std::flush;
  return exitCode(report, kLevels.at(flags.level));
}

}  // namespace errand::cli
