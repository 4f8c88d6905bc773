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
  std::vector<std::string> argv;         // argv[0] is searched in PATH unless it has a slash
  std::vector<std::string> environment;  // NAME=value, the complete environment
};

// The result of a program.
struct Output {
  int status = 0;  // of exit(3); 128 plus the signal's number if a signal ended it
  Sensitive out;   // at most 1 MiB
};

// Runs the program in its own process group. It gets no input, no stderr, no descriptor of this process and
// no blocked signal.
// Errors: Cancelled (killed within 100 ms of a stop), Timeout (killed at the deadline), Invalid (killed after
// more than 1 MiB of output, or the program cannot be run), NotFound (no such program). The call does not
// wait for processes that the program leaves running.
Result<Output> runProcess(const Command& command, const std::stop_token& stop,
                          std::chrono::steady_clock::time_point deadline);

}  // namespace errand::kube
