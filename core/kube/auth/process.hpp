// Runs a program to its end, without a shell.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"

namespace errand::kube {

// A program to run.
struct Command {
  std::vector<std::string> argv;         // not empty; argv[0] is searched in PATH unless it has a slash
  std::vector<std::string> environment;  // NAME=value, the complete environment
};

// The result of a program.
struct Output {
  int status = 0;  // of exit(3); 128 plus the signal's number if a signal ended it
  Sensitive out;   // at most 1 MiB
};

// Runs the program in its own process group, and waits for its end. It gets no descriptor of this process.
// All signals are unblocked and have their default action; stdin and stderr are /dev/null. After an error,
// the process group has been killed. The call does not wait for processes that the program leaves running.
// - Cancelled: within 100 ms of a stop
// - Timeout: at the deadline
// - NotFound: there is no such program
// - Invalid: it cannot be run, or wrote more than 1 MiB
// - Internal: no descriptor is free, or the system has no pidfd
Result<Output> runProcess(const Command& command, const std::stop_token& stop,
                          std::chrono::steady_clock::time_point deadline);

}  // namespace errand::kube
