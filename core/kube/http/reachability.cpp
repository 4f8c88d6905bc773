#include "core/kube/http/reachability.hpp"

#include <algorithm>
#include <utility>

#include "core/base/log.hpp"

namespace errand::kube {
namespace {

constexpr Millis kProbeEvery{1'000}, kSpread{1'000};

bool answered(const Result<Response>& result) {
  return result ? result->status < 500 : !unanswered(result.error());
}

}  // namespace

Reachability::Reachability(Transport& inner, Random& random)
    : inner_(inner),
      random_(random),
      up_(metrics::gauge("errand_api_server_reachable",
                         "1 if the API server answered the last request, 0 if not.")) {
  up_.set(1);
}

bool Reachability::answering() const {
  const std::lock_guard lock(mutex_);
  return answering_;
}

void Reachability::note(bool answered) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(answering_, answered) == answered) return;
  up_.set(answered ? 1 : 0);
  if (answered) {
    ++returns_;
    log::info("the API server answers again");
  } else {
    log::warn("the API server does not answer");
  }
  changed_.notify_all();
}

Result<Response> Reachability::call(const Request& request, std::stop_token stop) {
  auto result = inner_.call(request, std::move(stop));
  if (result || result.error().kind != ErrorKind::Cancelled) note(answered(result));
  return result;
}

Result<Response> Reachability::stream(const Request& request, const Sink& sink, std::stop_token stop) {
  bool begun = false;
  auto result = inner_.stream(
      request,
      [&](std::string_view bytes) {
        if (!std::exchange(begun, true)) note(true);
        return sink(bytes);
      },
      std::move(stop));
  // A watch that ends after it delivered data does not mean that the server is unreachable.
  if (!begun && (result || result.error().kind != ErrorKind::Cancelled)) note(answered(result));
  return result;
}

Pause Reachability::pause() {
  return [this](Millis duration, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    const auto returns = returns_;
    const auto begun = std::chrono::steady_clock::now();
    if (changed_.wait_for(lock, stop, duration, [&] { return returns_ != returns; })) {
      const auto left =
          duration - std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begun);
      const Millis spread{
          static_cast<std::int64_t>(random_.next() % static_cast<std::uint64_t>(kSpread.count()))};
      changed_.wait_for(lock, stop, std::min(left, spread), [] { return false; });
    }
    return !stop.stop_requested();
  };
}

void Reachability::probe(std::stop_token stop, const std::function<void()>& recovered) {
  Request request;
  request.path = {"readyz"};
  request.timeout = Seconds{3};
  std::uint64_t seen = 0;
  while (!stop.stop_requested()) {
    bool asks = false, returned = false;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [&] { return !answering_ || returns_ != seen; });
      if (stop.stop_requested()) return;
      returned = std::exchange(seen, returns_) != returns_;
      asks = !answering_;
    }
    if (returned) recovered();
    if (!asks) continue;
    if (!systemPause()(kProbeEvery, stop)) return;
    call(request, stop);
  }
}

}  // namespace errand::kube
