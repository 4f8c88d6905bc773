// The subcommands of kubectl-errand: each adds itself to the command line and
// says afterwards what to exit with.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace errand::cli {

using Command = std::function<int()>;

// Sets `chosen` when the subcommand is given.
void addScan(CLI::App& app, Command& chosen);
void addRules(CLI::App& app, Command& chosen);
void addCompletion(CLI::App& app, Command& chosen);

}  // namespace errand::cli
