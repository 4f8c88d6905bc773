// The queue's promises, without a sleep: time is the test's own.
#include "core/kube/workqueue.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "core/base/metrics.hpp"
#include "tests/unit/core/kube/fakes.hpp"

namespace errand::kube {
namespace {

class WorkQueueTest : public testing::Test {
 protected:
  FakeClock clock_;
  FakeRandom random_;
  WorkQueue queue_{"test", clock_, random_, Backoff{Millis{100}, Millis{1000}}};
  const ObjectKey a_{"ns", "a"}, b_{"ns", "b"};
};

TEST_F(WorkQueueTest, AddedTwiceComesOnceInOrder) {
  queue_.add(a_);
  queue_.add(b_);
  queue_.add(a_);
  EXPECT_EQ(queue_.depth(), 2U);
  EXPECT_EQ(queue_.tryGet(), a_);
  EXPECT_EQ(queue_.tryGet(), b_);
  EXPECT_EQ(queue_.tryGet(), std::nullopt);
}

TEST_F(WorkQueueTest, OneWorkerAKeyAndAgainAfterDone) {
  queue_.add(a_);
  EXPECT_EQ(queue_.tryGet(), a_);
  queue_.add(a_);
  queue_.add(a_);
  EXPECT_EQ(queue_.tryGet(), std::nullopt) << "it is being worked on";
  queue_.done(a_);
  EXPECT_EQ(queue_.tryGet(), a_);
  queue_.done(a_);
  EXPECT_EQ(queue_.tryGet(), std::nullopt);
}

TEST_F(WorkQueueTest, HasteningBringsForwardOnlyWhatHasFailed) {
  queue_.addRateLimited(a_);
  queue_.addAfter(b_, Millis{400});
  queue_.retryNow(Millis{10});
  EXPECT_EQ(queue_.tryGet(), a_);
  EXPECT_EQ(queue_.tryGet(), std::nullopt);
}

TEST_F(WorkQueueTest, ADelayIsNoLongerThanTheCallerSays) {
  for (int i = 0; i < 20; ++i) EXPECT_LE(queue_.addRateLimited(a_, Millis{300}), Millis{300});
  EXPECT_GT(queue_.addRateLimited(a_), Millis{300});
}

TEST_F(WorkQueueTest, HasteningForgetsHowOftenKeysHaveFailed) {
  for (int i = 0; i < 20; ++i) queue_.addRateLimited(a_);
  queue_.retryNow(Millis{10});
  EXPECT_EQ(queue_.failures(a_), 0U);
  EXPECT_LE(queue_.addRateLimited(a_), Millis{100}) << "also of one that was running meanwhile";
}

TEST_F(WorkQueueTest, TheEarlierOfTwoDelaysHolds) {
  queue_.addAfter(a_, Millis{500});
  queue_.addAfter(a_, Millis{200});
  queue_.addAfter(a_, Millis{900});
  EXPECT_EQ(queue_.delayed(), 1U);
  clock_.advance(Millis{199});
  EXPECT_EQ(queue_.tryGet(), std::nullopt);
  clock_.advance(Millis{1});
  EXPECT_EQ(queue_.tryGet(), a_);
  queue_.done(a_);
  clock_.advance(Millis{1000});
  EXPECT_EQ(queue_.tryGet(), std::nullopt) << "one delay, one run";
}

// The year 9999 as somebody's "never": its nanoseconds do not fit into the clock.
TEST_F(WorkQueueTest, ADelayOfThousandsOfYearsIsNotDueAtOnce) {
  const Millis never = std::chrono::hours{24 * 365} * 8000;
  queue_.addAfter(a_, never);
  queue_.addPaced(b_, never, Millis{100});
  EXPECT_EQ(queue_.tryGet(), std::nullopt);
  EXPECT_EQ(queue_.delayed(), 2U);
  clock_.advance(std::chrono::hours{25});
  EXPECT_EQ(queue_.tryGet(), a_) << "looked at once a day";
}

TEST_F(WorkQueueTest, PacedKeysComeApartAndEachOnce) {
  const ObjectKey c{"ns", "c"};
  for (int i = 0; i < 3; ++i)
    for (const ObjectKey& key : {a_, b_, c}) queue_.addPaced(key, Millis{500}, Millis{200});
  EXPECT_EQ(queue_.delayed(), 3U);
  std::vector<int> came;
  for (int ms = 100; ms <= 2000; ms += 100) {
    clock_.advance(Millis{100});
    while (const auto key = queue_.tryGet()) {
      came.push_back(ms);
      queue_.done(*key);
    }
  }
  EXPECT_EQ(came, (std::vector{500, 700, 900}));
  queue_.addPaced(b_, Millis{500}, Millis{200});
  clock_.advance(Millis{500});
  EXPECT_EQ(queue_.tryGet(), b_) << "after a pause nothing of the past is waited for";
}

TEST_F(WorkQueueTest, APacedKeyThatIsDueMuchLaterIsBroughtForward) {
  queue_.addAfter(a_, Millis{100'000});
  queue_.addPaced(a_, Millis{500}, Millis{200});
  clock_.advance(Millis{500});
  EXPECT_EQ(queue_.tryGet(), a_);
}

TEST_F(WorkQueueTest, ADelayThatEndsDuringWorkWaitsForDone) {
  queue_.add(a_);
  EXPECT_EQ(queue_.tryGet(), a_);
  queue_.addAfter(a_, Millis{10});
  clock_.advance(Millis{10});
  EXPECT_EQ(queue_.tryGet(), std::nullopt);
  queue_.done(a_);
  EXPECT_EQ(queue_.tryGet(), a_);
}

TEST_F(WorkQueueTest, FailuresDoubleTheDelayUntilForgotten) {
  std::vector<Millis> delays;
  for (int i = 0; i < 6; ++i) {
    delays.push_back(queue_.addRateLimited(a_));
    clock_.advance(Millis{1000});
    ASSERT_EQ(queue_.tryGet(), a_);
    queue_.done(a_);
  }
  const std::vector<Millis> expected{Millis{50},  Millis{100}, Millis{200},
                                     Millis{400}, Millis{500}, Millis{500}};
  EXPECT_EQ(delays, expected) << "half of the whole, as the least jitter has it, up to the cap";
  EXPECT_EQ(queue_.failures(a_), 6U);
  queue_.forget(a_);
  EXPECT_EQ(queue_.failures(a_), 0U);
  EXPECT_EQ(queue_.addRateLimited(a_), Millis{50});
}

TEST_F(WorkQueueTest, ShutDownHandsOutWhatIsQueuedAndDropsTheDelayed) {
  queue_.add(a_);
  queue_.addAfter(b_, Millis{10});
  queue_.shutDown();
  queue_.add(b_);
  clock_.advance(Millis{10});
  EXPECT_EQ(queue_.get({}), a_);
  EXPECT_EQ(queue_.get({}), std::nullopt);
}

TEST_F(WorkQueueTest, AWaitingWorkerWakesForAKeyAStopAndTheEnd) {
  WorkQueue queue("test");
  auto got = std::async(std::launch::async, [&] { return queue.get({}); });
  queue.add(a_);
  EXPECT_EQ(got.get(), a_);
  std::stop_source stop;
  auto stopped = std::async(std::launch::async, [&] { return queue.get(stop.get_token()); });
  stop.request_stop();
  EXPECT_EQ(stopped.get(), std::nullopt);
  queue.addAfter(b_, Millis{3'600'000});
  auto ended = std::async(std::launch::async, [&] { return queue.get({}); });
  queue.shutDown();
  EXPECT_EQ(ended.get(), std::nullopt);
}

TEST_F(WorkQueueTest, AKeyThatIsAddedAgainAndAgainStarvesNobody) {
  const ObjectKey c{"ns", "c"};
  for (const ObjectKey& key : {a_, b_, c}) queue_.add(key);
  std::vector<ObjectKey> order;
  for (int i = 0; i < 6; ++i) {
    const auto key = queue_.tryGet();
    ASSERT_TRUE(key.has_value());
    order.push_back(*key);
    queue_.add(a_);
    queue_.add(*key);
    queue_.add(a_);
    queue_.done(*key);
  }
  EXPECT_EQ(order, (std::vector{a_, b_, c, a_, b_, c}));
}

TEST_F(WorkQueueTest, DelayedKeysComeByTheirTimeBehindWhatWaits) {
  const ObjectKey c{"ns", "c"};
  queue_.addAfter(a_, Millis{30});
  queue_.addAfter(b_, Millis{10});
  queue_.add(c);
  clock_.advance(Millis{40});
  EXPECT_EQ(queue_.tryGet(), c);
  EXPECT_EQ(queue_.tryGet(), b_);
  EXPECT_EQ(queue_.tryGet(), a_);
}

TEST_F(WorkQueueTest, CountsAsClientGo) {
  WorkQueue queue("counted", clock_, random_, Backoff{Millis{100}, Millis{1000}});
  queue.add(a_);
  queue.add(a_);
  queue.add(b_);
  clock_.advance(Seconds{2});
  ASSERT_EQ(queue.tryGet(), a_);
  clock_.advance(Seconds{3});
  queue.addRateLimited(a_);
  queue.addAfter(a_, Seconds{60});
  const std::string during = metrics::text();
  const auto has = [](const std::string& text, const std::string& series, const std::string& value) {
    EXPECT_NE(text.find("workqueue_" + series + "{name=\"counted\"} " + value + "\n"), std::string::npos)
        << series << " " << value;
  };
  has(during, "depth", "1");
  has(during, "adds_total", "2");
  has(during, "retries_total", "1");
  has(during, "queue_duration_seconds_sum", "2");
  has(during, "unfinished_work_seconds", "3");
  has(during, "longest_running_processor_seconds", "3");
  queue.done(a_);
  const std::string after = metrics::text();
  has(after, "work_duration_seconds_sum", "3");
  has(after, "unfinished_work_seconds", "0");
}

TEST(BackoffTest, JitterStaysBetweenHalfAndWhole) {
  const Backoff backoff{Millis{200}, Millis{30'000}};
  FakeRandom random;
  EXPECT_EQ(backoff.delay(0, random), Millis{100});
  random.value = 100;
  EXPECT_EQ(backoff.delay(0, random), Millis{200});
  random.value = 101;
  EXPECT_EQ(backoff.delay(0, random), Millis{100});
  random.value = 15'000;
  EXPECT_EQ(backoff.delay(4'000'000'000U, random), Millis{30'000});
}

}  // namespace
}  // namespace errand::kube
