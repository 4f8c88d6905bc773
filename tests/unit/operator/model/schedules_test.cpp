// The real controllers on an API server in the process, under a thousand seeded
// schedules of late events, lost answers, crashes, changes of leader and acts of
// people. A failure prints its seed and all that happened. ERRAND_MODEL_SEEDS=n
// runs n schedules, ERRAND_MODEL_SEED=s that
// one alone, and always tells what happened.
//
// Each of these, broken by itself, is found within the first thousand: the slot
// written without its resourceVersion, the start marked without the account's, a
// mint without reading the grant, the sweep off, a slot whose identity is gone not looked for.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "core/base/log.hpp"
#include "tests/unit/operator/model/simulation.hpp"

namespace errand::model {
namespace {

std::uint64_t number(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

TEST(Schedules, KeepEveryPromiseOfAGrantsEnd) {
  log::setup(log::Level::error);
  const std::uint64_t one = number("ERRAND_MODEL_SEED", 0);
  const std::uint64_t first = one != 0 ? one : 1;
  const std::uint64_t last = one != 0 ? one : number("ERRAND_MODEL_SEEDS", 1000);
  int failed = 0;
  for (std::uint64_t seed = first; seed <= last && failed < 12; ++seed) {
    SimulatedCluster world(seed);
    const auto violations = world.run(90);
    if (one != 0) std::puts(world.trace().c_str());
    if (violations.empty()) continue;
    ++failed;
    ADD_FAILURE() << "seed " << seed << ": " << violations.front() << "\n" << world.trace();
  }
}

}  // namespace
}  // namespace errand::model
