// plan() itself on every state that three grants can reach, one under the other, by what people and
// controllers do, by the operator's work on any of them, by its death after any of its calls, and by the
// clock. No credential outside of a window, nothing given after an end, a final phase stays, children end
// with their parents and their rights go first, every end has its cause and is confirmed with proof,
// everything comes to rest. The search ends because nothing is left to visit, or fails. The states are small
// (state.hpp); that they are enough is shown by random walks, where grants as the API server has them take
// the same steps. ERRAND_MODEL_STATES bounds the search where time is dear, ERRAND_MODEL_STEPS says how long
// the walks are.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "tests/unit/operator/statespace/hierarchy.hpp"
#include "tests/unit/operator/statespace/transitions.hpp"

namespace errand::statespace {
namespace {

constexpr Setting kChain{{-1, 0, 1}}, kFork{{-1, 0, 0}}, kSlot{{-1, 0, 0}, 0};

size_t number(const char* variable, size_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class StateSpace : public testing::TestWithParam<Setting> {};

TEST_P(StateSpace, KeepsItsPromisesInEveryState) {
  struct Node {
    State state;
    std::uint32_t from;
    Step by;
  };
  const size_t bound = number("ERRAND_MODEL_STATES", SIZE_MAX);
  Transitions transitions(GetParam());
  std::vector<Node> nodes{{State{}, 0, {}}};
  States seen{State{}}, settled;
  const auto path = [&](size_t to) {
    std::vector<Step> trace;
    for (; to != 0; to = nodes[to].from) trace.push_back(nodes[to].by);
    std::ranges::reverse(trace);
    return trace;
  };
  size_t visited = 0;
  for (; visited < nodes.size() && visited < bound; ++visited) {
    const State state = nodes[visited].state;
    std::vector<State> passed;
    const std::string unsettled = transitions.settle(state, settled, passed);
    ASSERT_EQ(unsettled, "") << "left alone after: " << describe(path(visited));
    settled.insert(passed.begin(), passed.end());
    for (const Step& step : transitions.steps(state)) {
      State next = state;
      const std::string broken = transitions.take(next, step);
      if (broken.empty() && !seen.insert(next = representative(GetParam(), next)).second) continue;
      nodes.push_back({next, static_cast<std::uint32_t>(visited), step});
      ASSERT_EQ(broken, "") << describe(path(nodes.size() - 1));
    }
  }
  const bool exhausted = visited == nodes.size();
  std::printf("%zu states, %s; %zu different views\n", nodes.size(),
              exhausted ? "all that there are" : "as far as the bound", transitions.size());
  EXPECT_TRUE(exhausted || bound != SIZE_MAX) << "the search has no end";
}

TEST_P(StateSpace, KeepsThemOnRandomWalks) {
  std::mt19937_64 random(7);
  Transitions transitions(GetParam());
  for (size_t left = number("ERRAND_MODEL_STEPS", 10'000); left > 0;) {
    Hierarchy hierarchy(GetParam());
    State state;
    std::vector<Step> trace;
    for (size_t length = std::min<size_t>(left, 40); length > 0; --length, --left) {
      const auto steps = transitions.steps(state);
      std::vector<Step> work;
      for (const Step& s : steps)
        if (s.act == Act::Run) work.push_back(s);
      // Half of all steps let the operator work, so that walks get far.
      const auto& of = random() % 2 == 0 && !work.empty() ? work : steps;
      trace.push_back(of[random() % of.size()]);
      const std::string broken = hierarchy.take(trace.back());
      ASSERT_EQ(broken, "") << describe(trace);
      ASSERT_EQ(transitions.take(state, trace.back()), "") << describe(trace);
      ASSERT_TRUE(hierarchy.state() == state)
          << "the small state is not what came of it: " << describe(trace);
    }
    const std::string broken = hierarchy.settle();
    ASSERT_EQ(broken, "") << describe(trace);
  }
}

INSTANTIATE_TEST_SUITE_P(Grants, StateSpace, testing::Values(kChain, kFork, kSlot), [](const auto& tested) {
  return tested.index == 0 ? "Chain" : tested.index == 1 ? "Fork" : "Slot";
});

}  // namespace
}  // namespace errand::statespace
