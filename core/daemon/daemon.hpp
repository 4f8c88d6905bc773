// The life of a process: private memory, signals, log, health, and the order in which it ends.
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

// Runs `body` as the life of this process, and returns its exit status. Call it after the command line is
// parsed, before the first thread starts and before a credential is read.
// - Memory is private: no core, and no other process without CAP_SYS_PTRACE reads it. Without that, nothing
//   runs.
// - SIGTERM and SIGINT end the process by Process::awaitEnd() alone, SIGPIPE not at all.
// - An Error of `body` is logged; the status is then EXIT_FAILURE.
int run(const ProcessFlags& flags, const std::function<Result<void>(Process&)>& body);

// What `body` knows of its process. Destroy in reverse order of creation: first the health server, then the
// servers that others use, then what reads and writes the cluster.
class Process {
 public:
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Serves /healthz, /readyz and /metrics until the result is destroyed. /readyz succeeds while each of
  // `ready` does and the process is not to end. The checks must not block, and outlive the result.
  Result<std::unique_ptr<serve::Server>> serveHealth(std::vector<serve::Check> ready) const;

  // Waits for SIGTERM or SIGINT, without a limit or for `wait`. Returns true, then and ever after, if the
  // process is to end. Call it from the thread of `body`.
  bool awaitEnd(std::optional<Millis> wait = std::nullopt);

 private:
  friend int run(const ProcessFlags&, const std::function<Result<void>(Process&)>&);
  Process(const ProcessFlags& flags, const sigset_t& signals) : flags_(flags), signals_(signals) {}

  const ProcessFlags& flags_;
  const sigset_t signals_;
  std::atomic<bool> ending_ = false;
};

}  // namespace errand::daemon
