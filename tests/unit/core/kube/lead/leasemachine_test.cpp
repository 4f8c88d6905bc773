#include "core/kube/lead/leasemachine.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <vector>

#include "tests/unit/core/kube/fakes.hpp"

namespace errand::kube {
namespace {

using Step = LeaseMachine::Step;
using Instant = LeaseMachine::Instant;

LeaseSpec specOf(const std::string& identity) { return {"errand-system", "errand-operator", identity}; }

Instant at(int seconds) { return Instant{Seconds{seconds}}; }

api::Lease stored(const std::string& holder, const std::string& version, int duration = 15) {
  api::Lease out;
  out.meta.uid = "u";
  out.meta.resourceVersion = version;
  out.holder = holder;
  out.durationSeconds = duration;
  out.transitions = 4;
  return out;
}

struct LeaseMachineTest : testing::Test {
  FakeRandom random;
  LeaseMachine machine{specOf("me")};
  LeaseMachine::Next next(Instant now) { return machine.next(now, Time{}, random); }
};

TEST_F(LeaseMachineTest, MakesTheLeaseWhereThereIsNone) {
  EXPECT_EQ(next(at(0)).step, Step::Read);
  machine.read(std::nullopt, at(0));
  const auto create = next(at(0));
  EXPECT_EQ(create.step, Step::Create);
  EXPECT_EQ(create.lease.holder, "me");
  EXPECT_EQ(create.lease.durationSeconds, 15);
  EXPECT_LE(machine.leadsUntil(), at(0));
  machine.wrote(stored("me", "1"), at(1));
  EXPECT_EQ(machine.leadsUntil(), at(11));
}

TEST_F(LeaseMachineTest, RenewsAfterEachPause) {
  machine.read(std::nullopt, at(0));
  machine.wrote(stored("me", "1"), at(0));
  EXPECT_EQ(next(at(0)).step, Step::Wait);
  const auto update = next(at(2));
  EXPECT_EQ(update.step, Step::Update);
  EXPECT_EQ(update.lease.meta.resourceVersion, "1");
  EXPECT_EQ(update.lease.transitions, 4);
  machine.wrote(stored("me", "2"), at(2));
  EXPECT_EQ(machine.leadsUntil(), at(12));
}

TEST_F(LeaseMachineTest, WaitsForAnotherHolderUntilItIsNotHeardOfForItsDuration) {
  machine.read(stored("other", "7"), at(100));
  EXPECT_EQ(next(at(100)).step, Step::Wait);
  EXPECT_EQ(next(at(102)).step, Step::Read);
  machine.read(stored("other", "8"), at(103));  // renewed: the time counts from here
  EXPECT_EQ(next(at(117)).step, Step::Wait);
  machine.read(stored("other", "8"), at(117));
  const auto last = next(at(117));
  EXPECT_EQ(last.step, Step::Wait);
  EXPECT_EQ(last.wait, Seconds{1});
  machine.read(stored("other", "8"), at(118));
  const auto take = next(at(118));
  EXPECT_EQ(take.step, Step::Update);
  EXPECT_EQ(take.lease.meta.resourceVersion, "8");
  EXPECT_EQ(take.lease.transitions, 5);
}

TEST_F(LeaseMachineTest, TakesAReleasedLeaseAtOnce) {
  machine.read(stored("", "9", 1), at(0));
  EXPECT_EQ(next(at(0)).step, Step::Update);
}

TEST_F(LeaseMachineTest, AnAbsurdDurationNeitherHurriesNorStopsUs) {
  machine.read(stored("other", "1", 0), at(0));
  EXPECT_EQ(next(at(14)).step, Step::Wait);
  machine.read(stored("other", "1", 1'000'000), at(14));
  machine.read(stored("other", "1", 1'000'000), at(60));
  EXPECT_EQ(next(at(60)).step, Step::Update);
}

TEST_F(LeaseMachineTest, LeadsNoLongerThanTheLastRenewalAllows) {
  machine.read(std::nullopt, at(0));
  machine.wrote(stored("me", "1"), at(0));
  machine.failed();
  EXPECT_EQ(machine.leadsUntil(), at(10));
  EXPECT_EQ(next(at(2)).step, Step::Wait);
  EXPECT_EQ(next(at(4)).step, Step::Read);
  machine.read(stored("me", "2"), at(4));  // the renewal that seemed to fail was carried out
  EXPECT_EQ(machine.leadsUntil(), at(10));
  EXPECT_EQ(next(at(4)).step, Step::Update);
}

TEST_F(LeaseMachineTest, LosesAtOnceWhereAnotherHasTakenIt) {
  machine.read(std::nullopt, at(0));
  machine.wrote(stored("me", "1"), at(0));
  machine.failed();
  machine.read(stored("other", "2"), at(3));
  EXPECT_LE(machine.leadsUntil(), at(0));
}

TEST_F(LeaseMachineTest, ReleasesOnlyWhatIsOurs) {
  EXPECT_FALSE(machine.release(Time{}).has_value());
  machine.read(stored("other", "1"), at(0));
  EXPECT_FALSE(machine.release(Time{}).has_value());
  machine.wrote(stored("me", "2"), at(0));
  const auto lease = machine.release(Time{});
  ASSERT_TRUE(lease.has_value());
  EXPECT_EQ(lease->holder, "");
  EXPECT_EQ(lease->meta.resourceVersion, "2");
  EXPECT_LE(machine.leadsUntil(), at(0));
}

TEST(LeaseSpecTest, RefusesTimesThatWouldAllowTwoLeaders) {
  LeaseSpec spec = specOf("me");
  EXPECT_TRUE(check(spec).has_value());
  spec.renewDeadline = spec.duration;
  EXPECT_FALSE(check(spec).has_value());
  spec = specOf("me");
  spec.retry = spec.renewDeadline;
  EXPECT_FALSE(check(spec).has_value());
}

// An API server with one Lease, under optimistic concurrency.
struct LeaseServer {
  std::optional<api::Lease> lease;
  int version = 0;

  std::optional<api::Lease> write(const LeaseMachine::Next& asked) {
    const bool create = asked.step == Step::Create;
    if (create == lease.has_value()) return std::nullopt;
    if (!create && lease->meta.resourceVersion != asked.lease.meta.resourceVersion) return std::nullopt;
    lease = asked.lease;
    lease->meta.uid = "u";
    lease->meta.resourceVersion = std::to_string(++version);
    return lease;
  }
};

// A process: its calls take time, its answers get lost, and it is stopped for a while.
struct Candidate {
  explicit Candidate(const std::string& name) : machine(specOf(name)) {}
  LeaseMachine machine;
  Millis wakesAt{0};
};

class Dice final : public Random {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed * 2654435761U + 88172645463325252U) {}
  std::uint64_t next() override {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ >> 11;
  }
  bool oneIn(std::uint64_t n) { return next() % n == 0; }

 private:
  std::uint64_t state_;
};

TEST(LeaseMachineSimulation, NeverTwoLeadersWhateverIsDelayedLostOrStopped) {
  int terms = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Dice dice(seed);
    LeaseServer server;
    std::vector<Candidate> all{Candidate("a"), Candidate("b"), Candidate("c")};
    std::string last;
    for (Millis now{0}; now < Seconds{300}; now += Millis{50}) {
      for (Candidate& c : all) {
        if (c.wakesAt > now) continue;
        const Instant begun{now};
        const auto next = c.machine.next(begun, Time{now}, dice);
        Millis took{dice.next() % 200};
        if (dice.oneIn(40)) took += Seconds{30};  // SIGSTOP with an answer under way
        if (dice.oneIn(200)) c.machine = LeaseMachine(specOf(fmt::format("{}-{}", seed, dice.next())));
        if (next.step == Step::Wait) {
          c.wakesAt = now + next.wait;
        } else if (dice.oneIn(10)) {
          if (next.step != Step::Read && dice.oneIn(2)) server.write(next);  // carried out, answer lost
          c.machine.failed();
          c.wakesAt = now + took;
        } else if (next.step == Step::Read) {
          c.machine.read(server.lease, begun + took);
          c.wakesAt = now + took;
        } else {
          if (auto done = server.write(next))
            c.machine.wrote(*done, begun);
          else
            c.machine.failed();
          c.wakesAt = now + took;
        }
      }
      const auto leaders = std::ranges::count_if(
          all, [&](const Candidate& c) { return c.machine.leadsUntil() > Instant{now}; });
      ASSERT_LE(leaders, 1) << "seed " << seed << " at " << now.count() << " ms";
      if (server.lease && server.lease->holder != last) {
        last = server.lease->holder;
        ++terms;
      }
    }
  }
  EXPECT_GT(terms, 400);  // the schedules do change leaders
}

}  // namespace
}  // namespace errand::kube
