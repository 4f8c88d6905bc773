#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <string_view>

#include "cli/command/command.hpp"
#include "cli/findings/flags.hpp"
#include "cli/scan/files.hpp"
#include "cli/scan/scan.hpp"

namespace errand::cli {
namespace {

struct Flags {
  std::vector<std::string> paths;
  std::string ns = ScanOptions().ns, operatorNamespace = "errand-system";
  bool enrolledOnly = false, skipTemplates = false, strict = false, allowEmpty = false, showUnjudged = false;
  FindingFlags findings;
};

// Shows the progress of a long scan on a terminal.
class Progress {
 public:
  void operator()(size_t done, size_t all, std::string_view what) {
    const auto now = std::chrono::steady_clock::now();
    if (!isTerminal_ || now < next_) return;
    std::cerr << fmt::format("\r\x1b[K{} of {} {}", done, all, what) << std::flush;
    next_ = now + std::chrono::milliseconds(200);
    shown_ = true;
  }
  void clear() const {
    if (shown_) std::cerr << "\r\x1b[K" << std::flush;
  }

 private:
  bool isTerminal_ = isatty(STDERR_FILENO) == 1, shown_ = false;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
};

int run(const Flags& flags) {
  Inputs inputs = readInputs(flags.paths, flags.skipTemplates);
  Progress progress;
  Report report = scan(inputs.files, {.ns = flags.ns,
                                      .now = systemClock().now(),
                                      .rules = flags.findings.rules,
                                      .neverEnrolled = {"kube-system", flags.operatorNamespace},
                                      .enrolledOnly = flags.enrolledOnly,
                                      .progress = std::ref(progress)});
  progress.clear();
  report.showUnjudged = flags.showUnjudged;
  if (flags.strict) {
    report.broken.insert(report.broken.end(), report.passed.begin(), report.passed.end());
    report.passed.clear();
  }
  report.broken.insert(report.broken.begin(), inputs.broken.begin(), inputs.broken.end());
  report.passed.insert(report.passed.begin(), inputs.passed.begin(), inputs.passed.end());
  if (report.objects == 0 && report.broken.empty() && !flags.allowEmpty)
    report.broken.push_back({flags.paths.front() == "-" ? "stdin" : flags.paths.front(), 0,
                             "nothing to check; --allow-empty accepts that"});
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
  scan->add_flag("--enrolled-only", flags->enrolledOnly,
                 "Check only namespaces that the input shows enrolled, and objects of the cluster");
  scan->add_flag("--skip-templates", flags->skipTemplates,
                 "Skip the templates of Helm charts; without it, they exit with 2");
  scan->add_flag("--strict", flags->strict, "Exit with 2 for files that hold no manifest");
  scan->add_flag("--show-unjudged", flags->showUnjudged,
                 "List the kinds that no rule is about, which the summary counts (format text)");
  scan->add_flag("--allow-empty", flags->allowEmpty, "Exit with 0 if there is nothing to check");
  scan->add_option("-n,--namespace", flags->ns, "The namespace of objects that name none")
      ->type_name("NAME")
      ->capture_default_str();
  scan->add_option("--operator-namespace", flags->operatorNamespace,
                   "The namespace of errand-operator. Its objects and those of kube-system are not checked,\n"
                   "because neither namespace can be enrolled")
      ->type_name("NAMESPACE")
      ->capture_default_str();
  scan->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace errand::cli
