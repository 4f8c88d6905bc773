// Sends events on its own thread, so that no reconcile waits for one.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <thread>

#include "core/base/metrics.hpp"
#include "core/kube/client/client.hpp"
#include "core/kube/events/series.hpp"

namespace errand::kube {

// Events are best effort. If they arrive faster than the API server accepts them, those beyond a queue of
// 4,096 are dropped and counted (errand_events_dropped_total). An event that cannot be sent is not retried.
// Safe to use from several threads.
class EventRecorder final : public EventSink {
 public:
  // The client, the clock and the random generator must outlive this.
  EventRecorder(const Client& client, Reporter reporter, const Clock& clock = systemClock(),
                Random& random = systemRandom());
  ~EventRecorder() override { stop(Millis{0}); }

  // After stop(), drops the event and counts it.
  void record(Event event) override;

  // Sends waiting events for at most `patience`, then ends the thread. A call in progress is not cut off, so
  // this may take as long as one call more.
  void stop(Millis patience);

 private:
  void run(std::stop_token stop);
  void send(const EventSeries::Write& write);

  const Client& client_;
  const Clock& clock_;
  const metrics::Counter dropped_;
  EventSeries series_;  // only the thread uses it
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Event> waiting_;
  bool ending_ = false, ended_ = false;
  std::jthread thread_;
};

}  // namespace errand::kube
