// A set in blocks is the same set as std::set, whatever the order of changes.
#include "core/kube/watch/sortedblocks.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace errand::kube {
namespace {

using Blocks = SortedBlocks<int, std::less<>>;

std::vector<int> all(const Blocks& blocks) {
  std::vector<int> out;
  blocks.each([&](int item) { out.push_back(item); });
  return out;
}

TEST(SortedBlocksTest, IsTheSameSetAsStdSet) {
  std::mt19937 random(7);
  Blocks blocks;
  std::set<int> set;
  for (int i = 0; i < 20'000; ++i) {
    const int value = static_cast<int>(random() % 3000);
    if (random() % 3 != 0) {
      blocks.insert(value);
      set.insert(value);
    } else {
      EXPECT_EQ(blocks.erase(value), set.erase(value) == 1);
    }
    ASSERT_EQ(blocks.size(), set.size());
  }
  EXPECT_EQ(all(blocks), std::vector<int>(set.begin(), set.end()));
  for (int value = -1; value <= 3000; ++value) {
    ASSERT_EQ(blocks.find(value) != nullptr, set.contains(value));
    std::vector<int> next;
    blocks.from(value, [&](int item) {
      next.push_back(item);
      return next.size() < 3;
    });
    std::vector<int> expected;
    for (auto it = set.lower_bound(value); it != set.end() && expected.size() < 3; ++it)
      expected.push_back(*it);
    ASSERT_EQ(next, expected);
  }
  for (const int value : set) blocks.erase(value);
  EXPECT_EQ(blocks.size(), 0U);
  EXPECT_FALSE(blocks.erase(1));
}

TEST(SortedBlocksTest, InOrderAndAgainstIt) {
  Blocks up, down;
  for (int i = 0; i < 1000; ++i) {
    up.insert(i);
    down.insert(999 - i);
  }
  EXPECT_EQ(all(up), all(down));
  EXPECT_EQ(up.size(), 1000U);
}

}  // namespace
}  // namespace errand::kube
