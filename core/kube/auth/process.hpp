// Runs a program to its end, without a shell.
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"

namespace errand::kube {

struct Command {
  std::vector<std::string> argv;         // argv[0] is looked up in PATH unless it has a slash
  std::vector<std::string> environment;  // NAME=value, all of it
};

struct Output {
  int status = 0;  // of exit(3); 128 and the signal's number where one ended it
  Sensitive out;   // at most 1 MiB
};

// The program gets no input, no stderr, no descriptor of ours and no blocked signal.
// It has a process group of its own, which is killed at a stop (Cancelled, within 100 ms),
// past the deadline (Timeout) and after more than 1 MiB of output (Invalid).
// NotFound if the program does not exist, Invalid if it cannot be run. The call does
// not wait for processes that the program leaves running.
Result<Output> runProcess(const Command& command, const std::stop_token& stop,
                          std::chrono::steady_clock::time_point deadline);

}  // namespace errand::kube
