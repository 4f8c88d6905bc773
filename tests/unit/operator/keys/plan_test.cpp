#include "operator/keys/plan.hpp"

#include <gmock/gmock.h>

namespace errand::keys {
namespace {

const Time kNow = *parseTime("2026-11-24T12:00:00Z");

struct KeysPlan : testing::Test {
  Settings settings{Seconds{1000}, Seconds{100}};
  Observed o{"a", "", {"a"}, kNow, std::set<std::string>{}};

  Plan at(int seconds) const { return plan(o, settings, kNow + Seconds{seconds}); }
};

TEST_F(KeysPlan, WithoutAKeyTheFirstOneIsMadeAtOnce) {
  o = {};
  EXPECT_EQ(at(0).step, Step::MakeFirst);
  o.accepted = {"of-a-lost-one"};
  EXPECT_EQ(at(0).step, Step::MakeFirst);
}

TEST_F(KeysPlan, AKeySignsForItsLife) {
  EXPECT_EQ(at(0).step, Step::Wait);
  EXPECT_EQ(at(0).until, kNow + Seconds{1000});
  EXPECT_EQ(at(999).step, Step::Wait);
  EXPECT_EQ(at(1000).step, Step::Announce);
}

TEST_F(KeysPlan, TheNextKeyIsAcceptedBeforeItSigns) {
  o.next = "b";
  EXPECT_EQ(at(0).step, Step::AcceptOwn);
  o.accepted = {"a", "b"};
  EXPECT_EQ(at(99).step, Step::Wait);
  EXPECT_EQ(at(99).until, kNow + Seconds{100});
  EXPECT_EQ(at(100).step, Step::Switch);
}

TEST_F(KeysPlan, ThePreviousKeyStaysWhileItMaySignAndIsNeeded) {
  o = {"b", "", {"a", "b"}, kNow, std::set<std::string>{"a"}};
  EXPECT_EQ(at(500).step, Step::Wait);
  o.needed = std::set<std::string>{"b"};
  EXPECT_EQ(at(99).step, Step::Wait);
  EXPECT_EQ(at(99).until, kNow + Seconds{100});
  EXPECT_EQ(at(100).step, Step::Retire);
  EXPECT_EQ(at(100).retired, std::set<std::string>{"a"});
}

TEST_F(KeysPlan, NoKeyRetiresBeforeAllUsesAreKnown) {
  o = {"b", "", {"a", "b"}, kNow, std::nullopt};
  EXPECT_EQ(at(999).step, Step::Wait);
}

TEST_F(KeysPlan, KeysRetireThoughTheirLifeIsNoLongerThanTheSettling) {
  settings.life = settings.settle;
  o = {"b", "", {"a", "b"}, kNow, std::set<std::string>{}};
  EXPECT_EQ(at(100).step, Step::Retire);
  o.accepted = {"b"};
  EXPECT_EQ(at(100).step, Step::Announce);
}

TEST_F(KeysPlan, AKeyWhosePublicHalfIsLostIsAcceptedAgain) {
  o.accepted = {};
  EXPECT_EQ(at(0).step, Step::AcceptOwn);
}

TEST_F(KeysPlan, ATimeInTheFutureKeepsNoKey) {
  o.since = kNow + Seconds{1'000'000};
  EXPECT_EQ(at(0).until, kNow + Seconds{1000});
}

}  // namespace
}  // namespace errand::keys
