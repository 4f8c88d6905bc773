// A semaphore whose wait ends at a stop or a deadline. It limits concurrent calls, because cpprestsdk opens
// any number of connections.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

namespace errand::kube {

// Limits the number of calls in progress. Safe to use from several threads.
class Slots {
 public:
  explicit Slots(int count) : free_(count) {}

  // A slot, or none. Releases its slot on destruction. The Slots must outlive it.
  class Held {
   public:
    explicit Held(Slots* slots) : slots_(slots) {}
    Held(Held&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
    Held& operator=(Held&&) = delete;
    ~Held() {
      if (slots_ != nullptr) slots_->release();
    }
    explicit operator bool() const { return slots_ != nullptr; }

   private:
    Slots* slots_;
  };

  // Waits for a slot. Returns an empty Held if the stop or the deadline came first.
  Held acquire(const std::stop_token& stop, std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    if (!freed_.wait_until(lock, stop, deadline, [this] { return free_ > 0; })) return Held(nullptr);
    --free_;
    return Held(this);
  }

 private:
  void release() {
    const std::lock_guard lock(mutex_);
    ++free_;
    freed_.notify_one();
  }

  std::mutex mutex_;
  std::condition_variable_any freed_;
  int free_;
};

}  // namespace errand::kube
