// Data with a lock: the data can only be used through an Access, which holds the lock.
#pragma once

#include <mutex>
#include <utility>

namespace errand {

// access() waits for the lock, and the Access releases it. Do not call it twice at a time in one thread.
template <class T>
class Guarded {
 public:
  class Access {
   public:
    Access(std::mutex& mutex, T& value) : lock_(mutex), value_(&value) {}
    T* operator->() const { return value_; }
    T& operator*() const { return *value_; }
    // For std::condition_variable::wait.
    std::unique_lock<std::mutex>& lock() { return lock_; }

   private:
    std::unique_lock<std::mutex> lock_;
    T* value_;
  };

  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}

  Access access() { return {mutex_, value_}; }

 private:
  std::mutex mutex_;
  T value_;
};

}  // namespace errand
