// plan() itself on every state that three grants can reach, one under the other, by what people do, crashes
// between two calls and the clock; and on random walks, from each of which everything comes to rest. No
// credential outside of a window, nothing given after an end, a final phase stays, children end with their
// parents and their rights first, every end is confirmed. ERRAND_MODEL_STATES bounds the search (0: to its
// end), ERRAND_MODEL_STEPS the walks.
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <random>
#include <unordered_set>

#include "tests/unit/operator/life/family.hpp"

namespace errand::life {
namespace {

constexpr Shape kChain{-1, 0, 1}, kFork{-1, 0, 0};

size_t number(const char* variable, size_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class Life : public testing::TestWithParam<Shape> {};

TEST_P(Life, KeepsItsPromisesInEveryState) {
  struct Node {
    Family family;
    std::vector<Step> trace;
  };
  size_t left = number("ERRAND_MODEL_STATES", 1000);
  if (left == 0) left = SIZE_MAX;
  std::deque<Node> open{{Family(GetParam()), {}}};
  std::unordered_set<std::string> seen{open.front().family.key()};
  for (; !open.empty() && left > 0; open.pop_front(), --left) {
    const Node node = open.front();
    for (const Step& step : node.family.steps()) {
      Node next = node;
      next.trace.push_back(step);
      const std::string broken = next.family.take(step);
      ASSERT_EQ(broken, "") << describe(next.trace);
      if (seen.insert(next.family.key()).second) open.push_back(std::move(next));
    }
    Family rest = node.family;
    const std::string broken = rest.settle();
    ASSERT_EQ(broken, "") << describe(node.trace);
  }
  RecordProperty("states", static_cast<int>(seen.size()));
  RecordProperty("exhausted", open.empty() ? "yes" : "no");
  std::printf("%zu states, %s\n", seen.size(), open.empty() ? "all" : "as far as the bound");
}

TEST_P(Life, KeepsThemOnRandomWalks) {
  std::mt19937_64 random(7);
  for (size_t left = number("ERRAND_MODEL_STEPS", 10'000); left > 0;) {
    Family family(GetParam());
    std::vector<Step> trace;
    for (size_t length = std::min<size_t>(left, 40); length > 0; --length, --left) {
      const auto steps = family.steps();
      // Half of all steps let the operator work, so that walks get far.
      std::vector<Step> some;
      for (const Step& s : steps)
        if (s.act == Act::Run) some.push_back(s);
      const auto& of = random() % 2 == 0 && !some.empty() ? some : steps;
      trace.push_back(of[random() % of.size()]);
      const std::string broken = family.take(trace.back());
      ASSERT_EQ(broken, "") << describe(trace);
    }
    const std::string broken = family.settle();
    ASSERT_EQ(broken, "") << describe(trace);
  }
}

INSTANTIATE_TEST_SUITE_P(Grants, Life, testing::Values(kChain, kFork),
                         [](const auto& tested) { return tested.param == kChain ? "Chain" : "Fork"; });

}  // namespace
}  // namespace errand::life
