// The window: nothing is minted outside of it, by whatever clock, and renewals do not come all at once.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/unit/operator/plan/fixture.hpp"

namespace errand::plan {
namespace {

// Two leaders whose clocks differ by a minute, as Kubernetes lets them: the second has taken over just after
// the start.
class Skew : public testing::TestWithParam<int> {};

TEST_P(Skew, NothingIsMintedLaterThanTheEndAndTheSkew) {
  PlanFixture w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.started(kNow);
  const Seconds skew{GetParam()};
  const Time end = kNow + w.grant->spec.window.duration;
  Time last{};
  for (Time t = kNow + Seconds{1}; t < end + Seconds{180}; t += Seconds{1}) {
    w.now = t + skew;
    const Plan p = w.run();
    if (mints(p)) last = t;
    if (p.statusFirst) {
      w.grant->status = *p.statusFirst;
      break;
    }
    w.grant->status = p.status;
  }
  EXPECT_TRUE(w.grant->terminal()) << "it ends by either clock";
  EXPECT_GT(last, kNow);
  EXPECT_LE(last, end + std::max(-skew, Seconds{0}));
  EXPECT_LE(*w.grant->status.endsAt, end) << "a clock that is behind does not lengthen the window";
}

INSTANTIATE_TEST_SUITE_P(OfAMinute, Skew, testing::Values(-60, 0, 60));

TEST(Window, StartsNotASecondBeforeNotBefore) {
  PlanFixture w;
  w.grant->spec.window.notBefore = kNow + Seconds{10};
  for (w.now = kNow; w.now < kNow + Seconds{10}; w.now += Millis{500}) {
    const Plan p = w.run();
    ASSERT_FALSE(starts(p, *w.grant)) << formatTime(w.now);
    ASSERT_EQ(p.status.phase, api::Phase::Scheduled);
    ASSERT_LE(*p.requeueAfter, kNow + Seconds{10} - w.now) << "it looks again in time";
  }
  w.now = kNow + Seconds{10};
  EXPECT_TRUE(begins(w));
}

// Restarted after the end by a process that knows of no end: the stored start is all that it has.
TEST(Window, ARestartAcrossTheEndEndsAndMintsNothing) {
  for (const Seconds late : {Seconds{0}, Seconds{1}, Seconds{86400}}) {
    PlanFixture w;
    w.grant->spec.delivery = api::DeliveryMode::Slot;
    w.started(kNow);
    w.slotFilled(kNow, Seconds{900});
    w.now = kNow + w.grant->spec.window.duration + late;
    const Plan p = w.run();
    EXPECT_FALSE(mints(p));
    EXPECT_EQ(p.status.phase, api::Phase::Expired);
    EXPECT_EQ(position<Delete>(p), 0);
  }
}

// TokenRequest's least life is 600 s: of a shorter window the token outlives the end, and is revoked then.
TEST(Window, ShorterThanATokensLeastLifeStillEndsInTime) {
  PlanFixture w;
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.grant->spec.window.duration = Seconds{30};
  w.started(kNow);
  w.slotFilled(kNow, Seconds{600});
  w.now = kNow + Seconds{29};
  const Plan before = w.run();
  EXPECT_TRUE(allActions(before).empty());
  EXPECT_EQ(*before.requeueAfter, Seconds{1});
  w.now = kNow + Seconds{30};
  const Plan after = w.run();
  EXPECT_EQ(after.status.phase, api::Phase::Expired);
  EXPECT_EQ(actions<Delete>(after).size(), 3u) << "binding, Secret, account";
}

// Ten thousand slots filled in the same second.
TEST(Rotation, OfManyAtOnceIsSpreadAndNeverLate) {
  constexpr int kGrants = 10'000, kBuckets = 10;
  constexpr Seconds kLife{3600};
  PlanFixture w;
  w.settings.requesterRecheck = Seconds{86400};
  w.grant->spec.delivery = api::DeliveryMode::Slot;
  w.identity->toolClasses[0].maxDuration = w.grant->spec.window.duration = Seconds{86400};
  std::array<int, kBuckets> due{};
  for (int i = 0; i < kGrants; ++i) {
    w.grant->meta.uid = fmt::format("{:08x}-4e5f-6071-8293-a4b5c6d7e8f9", i);
    w.started(kNow);
    w.grant->status.serviceAccount.uid = w.o.account->meta.uid;
    w.slotFilled(kNow, kLife);
    const Plan p = w.run();
    ASSERT_TRUE(allActions(p).empty());
    const Millis at = *p.requeueAfter;
    ASSERT_LE(at, kLife * 8 / 10) << "a fifth of the life is left at least";
    ASSERT_GE(at, kLife * 4 / 10);
    due.at(std::min<Millis::rep>((at - kLife * 4 / 10) * kBuckets / (kLife / 10), kBuckets - 1)) += 1;
  }
  for (const int n : due) EXPECT_NEAR(n, kGrants / kBuckets, kGrants / kBuckets / 5);
}

}  // namespace
}  // namespace errand::plan
