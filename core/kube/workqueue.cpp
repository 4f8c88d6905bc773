#include "core/kube/workqueue.hpp"

#include <algorithm>
#include <utility>

namespace errand::kube {

namespace {

// Limits the delay, which may come from a date in an object. A date beyond the year 2300 would overflow the
// clock's nanoseconds, and would always be due. An early wakeup costs only one reconcile.
constexpr Millis kLongestDelay = std::chrono::hours{24};

double seconds(std::chrono::steady_clock::duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace

WorkQueue::WorkQueue(const std::string& name, const Clock& clock, Random& random, Backoff backoff)
    : clock_(clock), random_(random), backoff_(backoff), metrics_(name), measured_([this] { measure(); }) {}

void WorkQueue::add(const ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  addLocked(key);
}

void WorkQueue::addLocked(const ObjectKey& key) {
  if (shutDown_ || !dirty_.try_emplace(key, clock_.monotonic()).second) return;
  metrics_.adds.increment();
  if (!working_.contains(key)) enqueue(key);
}

void WorkQueue::enqueue(const ObjectKey& key) {
  queue_.push_back(key);
  metrics_.depth.set(static_cast<double>(queue_.size()));
  ready_.notify_one();
}

void WorkQueue::addAfter(const ObjectKey& key, Millis delay) {
  const std::lock_guard lock(mutex_);
  addAfterLocked(key, delay);
}

void WorkQueue::addAfterLocked(const ObjectKey& key, Millis delay) {
  if (delay <= Millis{0}) return addLocked(key);
  if (shutDown_) return;
  const Instant at = clock_.monotonic() + std::min(delay, kLongestDelay);
  if (const auto it = due_.find(key); it != due_.end()) {
    if (it->second <= at) return;
    schedule_.erase({it->second, key});
  }
  due_[key] = at;
  schedule_.emplace(at, key);
  ready_.notify_all();  // a waiting worker may have to wake earlier
}

void WorkQueue::addPaced(const ObjectKey& key, Millis delay, Millis apart) {
  const std::lock_guard lock(mutex_);
  const Instant now = clock_.monotonic();
  const Instant turn = std::max(now + std::min(delay, kLongestDelay), lastPaced_ + apart);
  if (const auto it = due_.find(key); it != due_.end() && it->second <= turn) return;
  lastPaced_ = turn;
  addAfterLocked(key, std::chrono::ceil<Millis>(turn - now));
}

Millis WorkQueue::addRateLimited(const ObjectKey& key, Millis most) {
  const std::lock_guard lock(mutex_);
  metrics_.retries.increment();
  const Millis delay = std::min(most, backoff_.delay(failures_[key]++, random_));
  addAfterLocked(key, delay);
  return delay;
}

void WorkQueue::retryNow(Millis within) {
  const std::lock_guard lock(mutex_);
  const auto spread = static_cast<std::uint64_t>(std::max<std::int64_t>(within.count(), 1));
  for (auto& [key, failures] : failures_) {
    failures = 0;
    if (due_.contains(key)) addAfterLocked(key, Millis{static_cast<std::int64_t>(random_.next() % spread)});
  }
}

void WorkQueue::forget(const ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  failures_.erase(key);
}

unsigned WorkQueue::failures(const ObjectKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto it = failures_.find(key);
  return it == failures_.end() ? 0 : it->second;
}

void WorkQueue::promote() {
  const Instant now = clock_.monotonic();
  while (!schedule_.empty() && schedule_.begin()->first <= now) {
    const ObjectKey key = schedule_.begin()->second;
    schedule_.erase(schedule_.begin());
    due_.erase(key);
    addLocked(key);
  }
}

std::optional<ObjectKey> WorkQueue::takeLocked() {
  promote();
  if (queue_.empty()) return std::nullopt;
  ObjectKey key = std::move(queue_.front());
  queue_.pop_front();
  metrics_.depth.set(static_cast<double>(queue_.size()));
  const Instant now = clock_.monotonic();
  const auto wanted = dirty_.find(key);
  metrics_.queued.observe(seconds(now - wanted->second));
  dirty_.erase(wanted);
  working_.emplace(key, now);
  return key;
}

std::optional<ObjectKey> WorkQueue::tryGet() {
  const std::lock_guard lock(mutex_);
  return takeLocked();
}

std::optional<ObjectKey> WorkQueue::get(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (auto key = takeLocked()) return key;
    if (shutDown_) return std::nullopt;
    if (schedule_.empty()) {
      ready_.wait(lock, stop, [&] { return !queue_.empty() || !schedule_.empty() || shutDown_; });
    } else {
      const Instant first = schedule_.begin()->first;
      ready_.wait_for(lock, stop, first - clock_.monotonic(), [&] {
        return !queue_.empty() || shutDown_ || schedule_.empty() || schedule_.begin()->first < first;
      });
    }
  }
  return std::nullopt;
}

void WorkQueue::done(const ObjectKey& key) {
  const std::lock_guard lock(mutex_);
  const auto worked = working_.find(key);
  if (worked == working_.end()) return;
  metrics_.worked.observe(seconds(clock_.monotonic() - worked->second));
  working_.erase(worked);
  if (dirty_.contains(key)) enqueue(key);
}

void WorkQueue::measure() {
  const std::lock_guard lock(mutex_);
  const Instant now = clock_.monotonic();
  Instant::duration all{0}, longest{0};
  for (const auto& [key, since] : working_) {
    all += now - since;
    longest = std::max(longest, now - since);
  }
  metrics_.unfinished.set(seconds(all));
  metrics_.longest.set(seconds(longest));
}

void WorkQueue::shutDown() {
  const std::lock_guard lock(mutex_);
  shutDown_ = true;
  schedule_.clear();
  due_.clear();
  ready_.notify_all();
}

size_t WorkQueue::depth() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

size_t WorkQueue::delayed() const {
  const std::lock_guard lock(mutex_);
  return due_.size();
}

}  // namespace errand::kube
