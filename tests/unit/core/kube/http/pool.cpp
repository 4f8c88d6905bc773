#include "tests/unit/core/kube/http/pool.hpp"

#include <pplx/pplxtasks.h>

#include <barrier>

namespace errand::kube {
namespace {

constexpr int kThreads = 2;  // of the pool (core/kube/http/rest_transport.cpp)
constexpr int kRounds = 16;  // each step of what is freed may put another one into the queue

}  // namespace

void drainPool() {
  for (int round = 0; round < kRounds; ++round) {
    // Both threads have to be free at once: nothing that came before is under way any more.
    std::barrier meeting(kThreads);
    auto one = pplx::create_task([&] { meeting.arrive_and_wait(); });
    auto two = pplx::create_task([&] { meeting.arrive_and_wait(); });
    one.wait();
    two.wait();
  }
}

}  // namespace errand::kube
