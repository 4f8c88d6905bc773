// kubectl-errand: a plugin of kubectl, and an offline scanner for CI.
#include <signal.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command/command.hpp"
#include "cli/command/suggest.hpp"

namespace {

constexpr int kUsage = 2;

std::vector<std::string> commandsOf(const CLI::App& app) {
  std::vector<std::string> out;
  for (const CLI::App* command : app.get_subcommands({})) out.push_back(command->get_name());
  return out;
}

// Suggests a command if the first word is none.
int unknown(std::string_view word, const std::vector<std::string>& commands) {
  const std::string meant = errand::cli::nearest(word, commands);
  std::cerr << "kubectl-errand: there is no command \"" << word << "\""
            << (meant.empty() ? "" : "; did you mean " + meant + "?")
            << "\nRun kubectl-errand --help for the list.\n";
  return kUsage;
}

// Fails if the output could not be written: a full disk or a closed pipe must not let a CI job pass.
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
  errand::cli::addExplain(app, chosen);
  errand::cli::addDoctor(app, chosen);
  errand::cli::addEnroll(app, chosen);
  errand::cli::addRevoke(app, chosen);
  errand::cli::addSuspend(app, chosen);
  errand::cli::addUninstall(app, chosen);
  errand::cli::addCompletion(app, chosen);
  if (argc == 1) {
    std::cerr << app.help();
    return kUsage;
  }
  const std::string_view first = argv[1];
  const std::vector<std::string> commands = commandsOf(app);
  if (!first.starts_with('-') && std::ranges::find(commands, first) == commands.end())
    return unknown(first, commands);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return written(app.exit(error) == 0 ? 0 : kUsage);
  }
  signal(SIGPIPE, SIG_IGN);
  return written(chosen());
}
