#include "core/base/metrics.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace errand::metrics {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

TEST(Metrics, TheSameNameAndLabelsAreOneSeries) {
  counter("errand_test_total", "A test.", {{"code", "200"}}).increment(2);
  const Counter again = counter("errand_test_total", "A test.", {{"code", "200"}});
  EXPECT_EQ(again.value(), 2);
  EXPECT_EQ(counter("errand_test_total", "A test.", {{"code", "500"}}).value(), 0);
  again.increment();
  EXPECT_THAT(text(), HasSubstr("errand_test_total{code=\"200\"} 3"));
  EXPECT_THAT(text(), HasSubstr("# TYPE errand_test_total counter"));
}

TEST(Metrics, GaugesGoBothWays) {
  const Gauge depth = gauge("errand_test_depth", "A test.");
  depth.set(5);
  depth.add(-2);
  EXPECT_EQ(depth.value(), 3);
}

TEST(Metrics, HistogramsCountByBucket) {
  const Histogram latency = histogram("errand_test_seconds", "A test.", {0.1, 1});
  latency.observe(0.05);
  latency.observe(0.5);
  EXPECT_EQ(latency.count(), 2);
  EXPECT_THAT(text(), HasSubstr("errand_test_seconds_bucket{le=\"0.1\"} 1"));
}

TEST(Metrics, SeveralThreadsLoseNothing) {
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([] {
        for (int i = 0; i < 1000; ++i) counter("errand_test_races_total", "A test.").increment();
      });
  }
  EXPECT_EQ(counter("errand_test_races_total", "A test.").value(), 4000);
}

TEST(Metrics, TheProcessDescribesItself) {
  const std::string all = text();
  EXPECT_THAT(all, ContainsRegex("process_resident_memory_bytes [1-9]"));
  EXPECT_THAT(all, ContainsRegex("process_open_fds [1-9]"));
  EXPECT_THAT(all, ContainsRegex("process_start_time_seconds [1-9]"));
}

}  // namespace
}  // namespace errand::metrics
