// Runs a process: private memory, signals, log, health, and an orderly end.
#pragma once

#include <signal.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/daemon/flags.hpp"
#include "core/serve/health.hpp"
#include "core/serve/server.hpp"

namespace errand::daemon {

class Process;

// Runs `body` as this process, and returns the exit status. Call it after the command line is parsed, before
// the first thread starts and before a credential is read.
// - Memory is private: no core is written, and only processes with CAP_SYS_PTRACE may read it. If that fails,
//   `body` does not run.
// - SIGTERM, SIGINT and SIGPIPE are blocked. Process::awaitEnd() returns after one of the first two.
// - An Error is logged, and the status is then EXIT_FAILURE. Exceptions of `body` are not caught.
int run(const ProcessFlags& flags, const std::function<Result<void>(Process&)>& body);

// The process, as `body` sees it. At the end destroy first the health server, then the other servers, then
// the parts that read and write the cluster.
class Process {
 public:
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Serves /healthz, /readyz and /metrics until the result is destroyed. /readyz succeeds while every check
  // of `ready` succeeds and the process is not ending. The checks must not block. The Process, and all that
  // the checks use, must outlive the result. Fails as serve::Server::start() does.
  Result<std::unique_ptr<serve::Server>> serveHealth(std::vector<serve::Check> ready) const;

  // Waits for SIGTERM or SIGINT, at most for `wait` if it is set. Returns true if one has arrived, now or in
  // an earlier call. Call it from the thread of `body`.
  bool awaitEnd(std::optional<Millis> wait = std::nullopt);

 private:
  friend int run(const ProcessFlags&, const std::function<Result<void>(Process&)>&);
  Process(const ProcessFlags& flags, const sigset_t& signals) : flags_(flags), signals_(signals) {}

  const ProcessFlags& flags_;
  const sigset_t signals_;
  std::atomic<bool> ending_ = false;
};

}  // namespace errand::daemon
