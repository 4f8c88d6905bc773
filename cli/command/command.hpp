// The subcommands of kubectl-errand. Each adds itself to the command line, and returns its exit code after it
// has run.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "core/base/result.hpp"

namespace errand::cli {

// The exit status of a command that could not do its work.
inline constexpr int kFailed = 2;

// Prints the error on standard error, each line escaped like other text from outside, and returns kFailed.
int failed(const Error& error);

using Command = std::function<int()>;

// Each function sets `chosen` if its subcommand is given.
void addScan(CLI::App& app, Command& chosen);
void addStatus(CLI::App& app, Command& chosen);
void addReport(CLI::App& app, Command& chosen);
void addRules(CLI::App& app, Command& chosen);
void addCompletion(CLI::App& app, Command& chosen);
void addEnroll(CLI::App& app, Command& chosen);
void addRevoke(CLI::App& app, Command& chosen);
void addExplain(CLI::App& app, Command& chosen);
void addDoctor(CLI::App& app, Command& chosen);
void addUninstall(CLI::App& app, Command& chosen);
void addSuspend(CLI::App& app, Command& chosen);  // also adds resume

}  // namespace errand::cli
