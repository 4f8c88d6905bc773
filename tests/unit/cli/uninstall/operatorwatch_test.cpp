// Whether errand-operator runs, by its Lease and its Deployment.
#include "cli/uninstall/operatorwatch.hpp"

#include <gtest/gtest.h>

namespace errand::cli {
namespace {

const Time kWatched = *parseTime("2026-11-24T12:00:00Z");

struct Watched {
  OperatorWatch watch;
  OperatorFacts facts{.deployment = OperatorFacts::Deployment{2, 2, 2}, .lease = {}};
  Time now = kWatched;
  OperatorWatch::Instant monotonic{};

  Watched() {
    facts.lease.emplace();
    facts.lease->holder = "pod-1";
    facts.lease->durationSeconds = 15;
    facts.lease->renewTime = kWatched;
  }
  void scale(int wanted, int current) {
    facts.deployment = OperatorFacts::Deployment{wanted, current, current};
  }
  OperatorState after(Seconds time) {
    now += time;
    monotonic += time;
    return watch.observe(facts, now, monotonic);
  }
};

TEST(OperatorWatch, ARenewedLeaseIsASignOfLife) {
  Watched w;
  EXPECT_EQ(w.after(Seconds{2}), OperatorState::Running);
  EXPECT_FALSE(w.watch.sawRenewal());
  w.facts.lease->renewTime = w.now;
  EXPECT_EQ(w.after(Seconds{2}), OperatorState::Running);
  EXPECT_TRUE(w.watch.sawRenewal());
  EXPECT_EQ(w.after(Seconds{21}), OperatorState::Silent) << "nobody renews it any more";
}

// The clock of this machine may be wrong.
TEST(OperatorWatch, AnOldTimeProvesNothingUntilTheLeaseHasStayedTheSame) {
  Watched w;
  EXPECT_EQ(w.after(Seconds{3600}), OperatorState::Unknown);
  EXPECT_EQ(w.after(Seconds{10}), OperatorState::Unknown);
  w.facts.lease->renewTime = kWatched + Seconds{2};
  EXPECT_EQ(w.after(Seconds{1}), OperatorState::Running);

  Watched dead;
  EXPECT_EQ(dead.after(Seconds{3600}), OperatorState::Unknown);
  EXPECT_EQ(dead.after(Seconds{20}), OperatorState::Silent);
}

TEST(OperatorWatch, WaitsAsLongAsTheLeaseHolds) {
  Watched w;
  w.facts.lease->durationSeconds = 60;
  EXPECT_EQ(w.after(Seconds{0}), OperatorState::Running);
  EXPECT_EQ(w.after(Seconds{64}), OperatorState::Unknown);
  EXPECT_EQ(w.after(Seconds{1}), OperatorState::Silent);
}

TEST(OperatorWatch, AReleasedLeaseIsHeldByNobody) {
  Watched w;
  w.facts.lease->holder.clear();
  EXPECT_EQ(w.after(Seconds{0}), OperatorState::Silent);
  w.scale(0, 0);
  EXPECT_EQ(w.after(Seconds{0}), OperatorState::Stopped);
}

TEST(OperatorWatch, IsStoppedOnceNoPodIsLeftAndNobodyLeads) {
  Watched w;
  w.scale(0, 1);
  EXPECT_EQ(w.after(Seconds{1}), OperatorState::Stopping);
  w.scale(0, 0);
  EXPECT_EQ(w.after(Seconds{1}), OperatorState::Stopping) << "its process may still lead";
  EXPECT_EQ(w.after(Seconds{20}), OperatorState::Stopped);
  w.scale(0, 1);
  EXPECT_EQ(w.after(Seconds{1}), OperatorState::Stopping);
}

TEST(OperatorWatch, WithoutLeaderElectionReadyPodsAreTheSignOfLife) {
  Watched w;
  w.facts.lease.reset();
  EXPECT_EQ(w.after(Seconds{0}), OperatorState::Running);
  w.facts.deployment->ready = 0;
  EXPECT_EQ(w.after(Seconds{0}), OperatorState::Silent);
  w.facts.deployment.reset();
  EXPECT_EQ(w.after(Seconds{0}), OperatorState::Stopped);
}

TEST(OperatorWatch, RunsOutsideOfTheClusterWithoutADeployment) {
  Watched w;
  w.facts.deployment.reset();
  EXPECT_EQ(w.after(Seconds{0}), OperatorState::Running);
  EXPECT_EQ(w.after(Seconds{20}), OperatorState::Stopped);
}

}  // namespace
}  // namespace errand::cli
