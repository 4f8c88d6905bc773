#include <iostream>
#include <map>
#include <memory>

#include "cli/command/command.hpp"
#include "cli/output/output.hpp"
#include "cli/scan/files.hpp"
#include "rules/catalogue/flags.hpp"

namespace errand::cli {
namespace {

struct Flags {
  std::vector<std::string> paths;
  std::string format = "text", level = "medium";
  ScanOptions options;
};

const std::map<std::string, rules::Severity> kLevels = {{"medium", rules::Severity::Medium},
                                                        {"high", rules::Severity::High},
                                                        {"critical", rules::Severity::Critical}};

int run(const Flags& flags) {
  std::vector<Broken> broken;
  const std::vector<Input> inputs = readInputs(flags.paths, broken);
  ScanOptions options = flags.options;
  options.now = systemClock().now();
  Report report = scan(inputs, options);
  report.broken.insert(report.broken.begin(), broken.begin(), broken.end());
  for (const OutputFormat& format : outputFormats())
    if (format.name == flags.format) std::cout << format.print(report);
  std::cout.flush();
  return exitCode(report, kLevels.at(flags.level));
}

}  // namespace

void addScan(CLI::App& app, Command& chosen) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* scan = app.add_subcommand(
      "scan",
      "Finds standing credentials in manifests, by the rules that the webhook refuses by.\n"
      "Reads streams of several documents, Lists, and what templates render to. All files count as\n"
      "one installation, and Exemptions among them count. Exits with 0 where nothing is found, 1 with "
      "findings, 2 where something\n"
      "could not be read (the rest is still checked).");
  std::vector<std::string> formats, levels;
  for (const OutputFormat& format : outputFormats()) formats.emplace_back(format.name);
  for (const auto& [level, severity] : kLevels) levels.push_back(level);
  scan->add_option("paths", flags->paths, "Files, directories, or - for standard input")
      ->type_name("PATH")
      ->required();
  scan->add_option("--format", flags->format, "How to print what is found")
      ->check(CLI::IsMember(formats))
      ->capture_default_str();
  scan->add_option("--fail-level", flags->level, "The least severity to exit with 1 for")
      ->check(CLI::IsMember(levels))
      ->capture_default_str();
  scan->add_option("-n,--namespace", flags->options.ns, "Of objects that name none")
      ->type_name("NAME")
      ->capture_default_str();
  scan->add_option("--api-audience", flags->options.rules.apiAudiences, kAudienceHelp)->type_name("NAME");
  rules::describe(*scan, flags->options.rules);
  scan->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace errand::cli
