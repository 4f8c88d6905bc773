// kubectl-errand: a plugin of kubectl, and an offline scanner for CI.
#include <signal.h>

#include <iostream>

#include "cli/command/command.hpp"

namespace {

// A full disk or a closed pipe would let a job pass that has seen no finding.
int written(int code) {
  std::cout.flush();
  if (std::cout) return code;
  constexpr int kFailed = 2;
  std::cerr << "kubectl-errand: cannot write to standard output\n";
  return kFailed;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Access on Kubernetes that lasts as long as a task.", "kubectl-errand");
  app.set_version_flag("--version", "kubectl-errand " ERRAND_VERSION);
  app.require_subcommand(1);
  errand::cli::Command chosen;
  errand::cli::addScan(app, chosen);
  errand::cli::addReport(app, chosen);
  errand::cli::addRules(app, chosen);
  errand::cli::addStatus(app, chosen);
  errand::cli::addCompletion(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    constexpr int kUsage = 2;
    return written(app.exit(error) == 0 ? 0 : kUsage);
  }
  signal(SIGPIPE, SIG_IGN);
  return written(chosen());
}
