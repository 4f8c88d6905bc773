// A queue of keys to reconcile, like client-go's rate-limiting work queue.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/kube/key.hpp"
#include "core/kube/pause.hpp"
#include "core/kube/queuemetrics.hpp"

namespace errand::kube {

// Guarantees:
// - Only one worker at a time processes a key.
// - A key added during its own processing is queued once more at its done().
// - A key added twice is queued once.
// - After shutDown() workers still get the queued keys, and delayed keys are dropped.
// - Fairness: keys are processed in the order in which they were added. A key added during its own processing
//   is queued at its done(), and a delayed key when its delay ends.
//
// Safe to use from several threads.
class WorkQueue {
 public:
  // `name` is the label of its metrics (queuemetrics.hpp). `clock` and `random` must outlive the queue.
  explicit WorkQueue(const std::string& name, const Clock& clock = systemClock(),
                     Random& random = systemRandom(), Backoff backoff = {Millis{100}, Millis{60'000}});

  void add(const ObjectKey& key);

  // Adds the key after the delay, at most a day. If a key is delayed twice, the earlier time wins.
  void addAfter(const ObjectKey& key, Millis delay);

  // Like addAfter(), but rate-limited: keys that this function adds are at least `apart` from each other. Use
  // it for work on many keys that can wait. A key that is due earlier keeps its time.
  void addPaced(const ObjectKey& key, Millis delay, Millis apart);

  // Adds the key after a delay of the Backoff, at most `most`, and returns that delay. Each call until
  // forget() counts as one more failure of the key.
  Millis addRateLimited(const ObjectKey& key, Millis most = Millis::max());
  // Resets the failure count of the key.
  void forget(const ObjectKey& key);

  // Retries the keys that wait after a failure, spread over `within`. Resets the failure count of every key,
  // because the failures of an outage say nothing about a server that answers again.
  void retryNow(Millis within);
  unsigned failures(const ObjectKey& key) const;

  // Blocks for the next key. Returns nullopt once the queue is shut down and empty, or a stop is requested.
  // Call done() for each key.
  std::optional<ObjectKey> get(std::stop_token stop);

  // Like get(), but returns nullopt at once if no key is ready.
  std::optional<ObjectKey> tryGet();
  void done(const ObjectKey& key);

  // Later additions have no effect.
  void shutDown();
  size_t depth() const;  // keys that are ready, without the delayed ones
  size_t delayed() const;

 private:
  using Instant = std::chrono::steady_clock::time_point;

  void addLocked(const ObjectKey& key);
  void addAfterLocked(const ObjectKey& key, Millis delay);
  void promote();
  void enqueue(const ObjectKey& key);
  std::optional<ObjectKey> takeLocked();
  void measure();

  const Clock& clock_;
  Random& random_;
  Backoff backoff_;
  mutable std::mutex mutex_;
  std::condition_variable_any ready_;
  std::deque<ObjectKey> queue_;
  std::map<ObjectKey, Instant> dirty_;    // keys to process and since when: queued, or to be queued at done()
  std::map<ObjectKey, Instant> working_;  // since when
  std::map<ObjectKey, Instant> due_;
  std::set<std::pair<Instant, ObjectKey>> schedule_;  // due_ by time
  std::map<ObjectKey, unsigned> failures_;
  Instant lastPaced_;
  bool shutDown_ = false;
  const QueueMetrics metrics_;
  const metrics::Measured measured_;
};

}  // namespace errand::kube
