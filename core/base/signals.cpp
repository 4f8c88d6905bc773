#include "core/base/signals.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace errand {

sigset_t blockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigset_t blocked = signals;
  sigaddset(&blocked, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  return signals;
}

std::string_view waitForSignal(const sigset_t& signals, std::optional<Millis> wait) {
  int signal = 0;
  if (!wait) {
    while (sigwait(&signals, &signal) != 0) {
    }
  } else {
    const auto until = std::chrono::steady_clock::now() + *wait;
    do {
      const auto left = std::max(until - std::chrono::steady_clock::now(), std::chrono::nanoseconds{0});
      const auto whole = std::chrono::floor<Seconds>(left);
      const timespec pause{whole.count(), (left - whole).count()};
      signal = sigtimedwait(&signals, nullptr, &pause);
    } while (signal < 0 && errno == EINTR);
    if (signal < 0) return {};
  }
  return signal == SIGTERM ? "SIGTERM" : "SIGINT";
}

}  // namespace errand
