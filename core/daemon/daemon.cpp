#include "core/daemon/daemon.hpp"

#include <cstdlib>

#include "core/base/log.hpp"
#include "core/base/memory.hpp"
#include "core/base/signals.hpp"

namespace errand::daemon {

int run(const ProcessFlags& flags, const std::function<Result<void>(Process&)>& body) {
  tuneMemory();
  const Result<void> isPrivate = keepMemoryPrivate();
  const sigset_t signals = blockSignals();
  log::setup(flags.logLevel);
  Process process(flags, signals);
  const Result<void> done = isPrivate ? body(process) : isPrivate;
  if (done) return EXIT_SUCCESS;
  log::error("cannot run", {{"error", done.error().message}});
  return EXIT_FAILURE;
}

Result<std::unique_ptr<serve::Server>> Process::serveHealth(std::vector<serve::Check> ready) const {
  ready.push_back({"shutdown", [this] {
                     return ending_ ? Result<void>(fail(ErrorKind::Cancelled, "shutting down"))
                                    : Result<void>();
                   }});
  return serve::Server::start(
      {.name = "health",
       .listen = flags_.healthListen,
       .threads = 1,
       .limits = {.connections = 64},
       .keepAlive = false},
      serve::Routes(serve::healthRoutes({{"ping", [] { return Result<void>(); }}}, std::move(ready))));
}

bool Process::awaitEnd(std::optional<Millis> wait) {
  if (ending_) return true;
  const std::string_view signal = waitForSignal(signals_, wait);
  if (signal.empty()) return false;
  ending_ = true;
  log::info("shutting down", {{"signal", signal}});
  return true;
}

}  // namespace errand::daemon
