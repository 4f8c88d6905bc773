// Looks items up on its own threads, so that no thread of the server waits for the API server.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "webhook/cluster/line.hpp"

namespace errand::webhook {

// A queue of items with the threads that look them up. Safe to use from several threads. The destructor drops
// the queued items, and waits for the running calls of `look`.
template <class T>
class Beside {
 public:
  // Calls `look` for each item on one of `threads` threads, never for the same item twice at a time. At most
  // `most` items wait.
  Beside(std::size_t threads, std::size_t most, std::function<void(const T&)> look)
      : look_(std::move(look)), line_(most) {
    for (std::size_t i = 0; i < threads; ++i)
      threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
  }
  ~Beside() {
    for (std::jthread& thread : threads_) thread.request_stop();
  }

  // Queues the items; the clients take turns (Line). Does not wait for `look`.
  void want(const Behalf& behalf, std::vector<T> items) {
    {
      const std::lock_guard lock(mutex_);
      for (T& item : items) line_.push(behalf, std::move(item));
    }
    some_.notify_all();
  }

 private:
  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (some_.wait(lock, stop, [this] { return !line_.empty(); }) && !stop.stop_requested()) {
      const T item = line_.pop();
      // If another thread looks the item up, its answer serves this client as well.
      if (!looking_.insert(item).second) continue;
      lock.unlock();
      look_(item);
      lock.lock();
      looking_.erase(item);
    }
  }

  const std::function<void(const T&)> look_;
  std::mutex mutex_;
  std::condition_variable_any some_;
  Line<T> line_;
  std::set<T> looking_;
  std::vector<std::jthread> threads_;  // last: they end before the other members are destroyed
};

}  // namespace errand::webhook
