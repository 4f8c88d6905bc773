#include "webhook/cluster/line.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace errand::webhook {
namespace {

using testing::ElementsAre;

Behalf of(const std::string& address, const std::string& party = "") { return {address, address, party}; }

std::vector<int> rest(Line<int>& line) {
  std::vector<int> out;
  while (!line.empty()) out.push_back(line.pop());
  return out;
}

TEST(Line, EachSourceHasItsTurnInTheOrderInWhichTheyCame) {
  Line<int> line(10);
  for (const int i : {1, 2, 3}) line.push(of("b"), i);
  line.push(of("c"), 10);
  line.push(of("a"), 20);
  EXPECT_THAT(rest(line), ElementsAre(1, 10, 20, 2, 3));
}

TEST(Line, WithinASourceEachPartyHasItsTurn) {
  Line<int> line(20);
  for (int i = 0; i < 4; ++i) line.push(of("evil", std::to_string(i)), i);
  line.push(of("evil", "0"), 4);
  for (const int i : {10, 11, 12}) line.push(of("api", "agents"), i);
  EXPECT_THAT(rest(line), ElementsAre(0, 10, 1, 11, 2, 12, 3, 4));
}

TEST(Line, WithinANetworkEachAddressHasItsTurn) {
  Line<int> line(20);
  for (int i = 0; i < 4; ++i) line.push({"net", std::to_string(i), ""}, i);
  line.push({"net", "control", "agents"}, 10);
  line.push({"other", "api", "agents"}, 20);
  line.push({"other", "api", "agents"}, 21);
  EXPECT_THAT(rest(line), ElementsAre(0, 20, 1, 21, 2, 3, 10));
}

TEST(Line, WhereItIsFullWhoHasMostLosesItsLast) {
  Line<int> line(3);
  for (const int i : {1, 2, 3}) line.push(of("a"), i);
  line.push(of("b"), 10);
  line.push(of("a"), 4);
  EXPECT_EQ(line.size(), 3u);
  EXPECT_THAT(rest(line), ElementsAre(1, 10, 2));
}

// 256 namespaces of one source are no more than that source; the author asks 32 questions at a time.
TEST(Line, ManyPartiesOfASourceTakeNothingFromAnother) {
  for (const bool first : {true, false}) {
    Line<int> line(2048);
    const auto author = [&] {
      for (int i = 0; i < 32; ++i) line.push(of("api", "agents"), 100'000 + i);
    };
    if (first) author();
    for (int i = 0; i < 4096; ++i) line.push(of("evil", "ns" + std::to_string(i % 256)), i);
    if (!first) author();
    EXPECT_EQ(line.size(), 2048u);
    const std::vector<int> all = rest(line);
    for (int i = 0; i < 32; ++i)
      EXPECT_LE(std::ranges::find(all, 100'000 + i) - all.begin(), 2 * i + 1) << first << " " << i;
  }
}

TEST(Line, ManyAddressesOfANetworkTakeNothingFromAnother) {
  Line<int> line(64);
  for (int i = 0; i < 32; ++i) line.push({"net", "control", "agents"}, 1000 + i);
  for (int i = 0; i < 32; ++i) line.push(of("api", "agents"), 2000 + i);
  for (int i = 0; i < 600; ++i) line.push({"net", std::to_string(i), ""}, i);
  const std::vector<int> all = rest(line);
  EXPECT_EQ(std::ranges::count_if(all, [](int i) { return i >= 2000; }), 32);
  EXPECT_GE(std::ranges::count_if(all, [](int i) { return i >= 1000 && i < 2000; }), 1)
      << "within it, who has most";
}

TEST(Line, OfEqualsWhoPushesLoses) {
  for (const auto& [a, b] : {std::pair("a", "b"), std::pair("b", "a")}) {
    Line<int> line(4);
    for (const int i : {1, 2}) line.push(of(a), i);
    for (const int i : {10, 11, 12, 13}) line.push(of(b), i);
    EXPECT_THAT(rest(line), ElementsAre(1, 10, 2, 11));
    for (const int i : {1, 2}) line.push(of("x", a), i);
    for (const int i : {10, 11, 12, 13}) line.push(of("x", b), i);
    EXPECT_THAT(rest(line), ElementsAre(1, 10, 2, 11)) << "among parties, too";
  }
}

// Or who names what others will ask for, and leaves it at the end of a long line of its own, delays them.
TEST(Line, WhatTwoWaitForStandsInBothLinesAndInEachOnce) {
  Line<int> line(20);
  for (const int i : {1, 2, 3, 7, 7}) line.push(of("evil"), i);
  line.push(of("api"), 7);
  EXPECT_THAT(rest(line), ElementsAre(1, 7, 2, 3, 7));
  line.push(of("api"), 7);
  EXPECT_EQ(line.size(), 1u) << "what was taken may come again";
}

}  // namespace
}  // namespace errand::webhook
