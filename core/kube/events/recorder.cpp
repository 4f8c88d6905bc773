#include "core/kube/events/recorder.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "core/base/log.hpp"
#include "core/json/value.hpp"

namespace errand::kube {
namespace {

constexpr size_t kMostWaiting = 4096;
constexpr Seconds kLookEvery{15};

}  // namespace

EventRecorder::EventRecorder(const Client& client, Reporter reporter, const Clock& clock, Random& random)
    : client_(client),
      clock_(clock),
      dropped_(metrics::counter("errand_events_dropped_total",
                                "Events that were not sent because too many were waiting.")),
      series_(std::move(reporter), random),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void EventRecorder::record(Event event) {
  const std::lock_guard lock(mutex_);
  if (ending_ || waiting_.size() >= kMostWaiting) return dropped_.increment();
  waiting_.push_back(std::move(event));
  changed_.notify_all();
}

void EventRecorder::stop(Millis patience) {
  if (!thread_.joinable()) return;
  {
    std::unique_lock lock(mutex_);
    ending_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, patience, [&] { return ended_; });
  }
  thread_.request_stop();
  thread_.join();
}

void EventRecorder::send(const EventSeries::Write& write) {
  const auto body = parseJson(write.body);
  if (!body) return;  // EventSeries has printed the body
  const auto sent = write.create ? client_.create(api::kEvents, write.ns, *body)
                                 : client_.mergePatch(api::kEvents, write.ns, write.name, *body);
  if (sent) return;
  series_.forget(write.name);
  log::debug("event not sent",
             {{"namespace", write.ns}, {"name", write.name}, {"error", sent.error().message}});
}

void EventRecorder::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    std::optional<Event> next;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, kLookEvery, [&] { return !waiting_.empty() || ending_; });
      if (!waiting_.empty()) {
        next = std::move(waiting_.front());
        waiting_.pop_front();
      } else if (ending_) {
        ended_ = true;
        changed_.notify_all();
        return;
      }
    }
    if (next) {
      if (const auto write = series_.add(*next, clock_.now())) send(*write);
    } else {
      while (const auto write = series_.due(clock_.now())) {
        if (stop.stop_requested()) return;
        send(*write);
      }
    }
  }
}

}  // namespace errand::kube
