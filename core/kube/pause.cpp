#include "core/kube/pause.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "core/base/log.hpp"

namespace errand::kube {

Pause systemPause() {
  return [](Millis duration, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    stopped.wait_for(lock, stop, duration, [] { return false; });
    return !stop.stop_requested();
  };
}

void repeat(const std::function<Result<Millis>()>& step, Millis retry, std::string_view failed,
            const std::stop_token& stop, const Pause& pause) {
  bool failing = false;
  while (!stop.stop_requested()) {
    const Result<Millis> next = step();
    if (!next && !failing && next.error().kind != ErrorKind::Cancelled)
      log::warn(failed, {{"error", next.error().message}});
    failing = !next;
    if (!pause(next.value_or(retry), stop)) return;
  }
}

Millis Backoff::delay(unsigned attempt, Random& random) const {
  const auto grown = base.count() << std::min(attempt, 20U);
  const auto whole = std::min<std::int64_t>(grown, cap.count());
  const auto half = whole / 2;
  return Millis{half +
                static_cast<std::int64_t>(random.next() % static_cast<std::uint64_t>(whole - half + 1))};
}

}  // namespace errand::kube
