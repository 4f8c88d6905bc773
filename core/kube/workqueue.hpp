// Keys that want reconciling, as client-go's rate-limiting work queue.
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

// Guarantees: a key is with one worker at a time; added while it is worked on,
// it comes again once after done(); added twice, it comes once; after
// shutDown() what is queued is still handed out, and delayed keys are dropped.
// Fair: keys come in the order in which they were added, a key that is added
// during its own work behind all that wait at its done(), delayed keys by when their time is over.
// Safe to use from several threads.
class WorkQueue {
 public:
  // `name` is the label of its metrics, workqueue_*; see queuemetrics.hpp.
  explicit WorkQueue(const std::string& name, const Clock& clock = systemClock(),
                     Random& random = systemRandom(), Backoff backoff = {Millis{100}, Millis{60'000}});

  void add(const ObjectKey& key);

  // Adds the key when the delay is over, and after a day at the latest; of two delays the earlier one holds.
  void addAfter(const ObjectKey& key, Millis delay);

  // As addAfter(), but no two keys that are added so come within `apart` of each other: for work that can
  // wait and of which all keys together must not be much. A key that comes within its delay anyway takes no
  // turn.
  void addPaced(const ObjectKey& key, Millis delay, Millis apart);

  // Adds the key after a delay that doubles with each call until forget(), `most` at most.
  // Returns that delay.
  Millis addRateLimited(const ObjectKey& key, Millis most = Millis::max());
  void forget(const ObjectKey& key);

  // Brings the keys that wait after a failure forward, spread over `within`. All begin to count their
  // failures anew: what the outage has come to says nothing about the server that is back.
  void retryNow(Millis within);
  unsigned failures(const ObjectKey& key) const;

  // Blocks for the next key; none once the queue is shut down and empty, or a
  // stop is requested. Each key needs its done().
  std::optional<ObjectKey> get(std::stop_token stop);

  // As get(), and none at once where no key is ready.
  std::optional<ObjectKey> tryGet();
  void done(const ObjectKey& key);

  void shutDown();
  size_t depth() const;  // ready, not counting the delayed
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
  std::map<ObjectKey, Instant> dirty_;    // wants work, since when: queued, or to be queued after done()
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
