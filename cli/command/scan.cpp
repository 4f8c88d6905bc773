#include <memory>

#include "cli/command/command.hpp"
#include "cli/findings/flags.hpp"
#include "cli/scan/files.hpp"

namespace errand::cli {
namespace {

struct Flags {
  std::vector<std::string> paths;
  std::string ns = ScanOptions().ns;
  FindingFlags findings;
};

int run(const Flags& flags) {
  std::vector<Broken> broken;
  const std::vector<Input> inputs = readInputs(flags.paths, broken);
  Report report = scan(inputs, {.ns = flags.ns, .now = systemClock().now(), .rules = flags.findings.rules});
  report.broken.insert(report.broken.begin(), broken.begin(), broken.end());
  return finish(flags.findings, report);
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
  scan->add_option("paths", flags->paths, "Files, directories, or - for standard input")
      ->type_name("PATH")
      ->required();
  describe(*scan, flags->findings);
  scan->add_option("-n,--namespace", flags->ns, "Of objects that name none")
      ->type_name("NAME")
      ->capture_default_str();
  scan->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace errand::cli
