// Other threads are at work: waits until `done` says so, ten seconds at most.
#pragma once

#include <chrono>
#include <thread>

namespace errand::webhook {

template <class F>
bool until(F done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace errand::webhook
