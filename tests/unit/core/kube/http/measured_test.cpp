// The metrics of each request, and how often a request counts.
#include "core/kube/http/measured.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "tests/unit/core/kube/fakes.hpp"

namespace errand::kube {
namespace {

struct MeasuredTest : testing::Test {
  // Each test has its own host, because the series live as long as the process.
  const std::string host = testing::UnitTest::GetInstance()->current_test_info()->name();
  std::unique_ptr<FakeTransport> made = std::make_unique<FakeTransport>();
  FakeTransport& inner = *made;
  Measured measured{std::move(made), host};

  double answered(const std::string& code) const {
    return metrics::counter("rest_client_requests_total",
                            "Number of HTTP requests, partitioned by status code, method, and host.",
                            {{"code", code}, {"method", "GET"}, {"host", host}})
        .value();
  }
  double repeated(const std::string& code) const {
    return metrics::counter("rest_client_request_retries_total",
                            "Number of request retries, partitioned by status code, verb, and host.",
                            {{"code", code}, {"verb", "GET"}, {"host", host}})
        .value();
  }
  double durations() const {
    return metrics::histogram("rest_client_request_duration_seconds",
                              "Request latency in seconds. Broken down by verb, and host.",
                              metrics::latencyBuckets(), {{"verb", "GET"}, {"host", host}})
        .count();
  }
};

TEST_F(MeasuredTest, CallsByTheirStatusAndThoseWithoutAnAnswer) {
  inner.answer(200, "{}");
  inner.answer(404, "{}");
  inner.answer(200, "{}");
  inner.fail(ErrorKind::Unavailable);
  Request request;
  for (int i = 0; i < 4; ++i) measured.call(request, {});
  EXPECT_EQ(answered("200"), 2);
  EXPECT_EQ(answered("404"), 1);
  EXPECT_EQ(answered("<error>"), 1);
  EXPECT_EQ(durations(), 4);
  EXPECT_EQ(repeated("429"), 0);
}

TEST_F(MeasuredTest, AStreamCountsOnceWithItsStatusAndHasNoDuration) {
  inner.streams({"a", "b", "c"});
  inner.streams({});
  inner.answer(410, "{}");
  inner.fail(ErrorKind::Timeout);
  Request request;
  std::string got;
  for (int i = 0; i < 4; ++i)
    measured.stream(request,
                    [&](std::string_view bytes) {
                      got += bytes;
                      EXPECT_EQ(answered("200"), 1) << "from its first bytes on, not at its end";
                      return true;
                    },
                    {});
  EXPECT_EQ(got, "abc");
  EXPECT_EQ(answered("200"), 2);
  EXPECT_EQ(answered("410"), 1);
  EXPECT_EQ(answered("<error>"), 1);
  EXPECT_EQ(durations(), 0);
}

TEST_F(MeasuredTest, RetriesByTheStatusThatCausedThem) {
  inner.answer(200, "{}");
  inner.answer(200, "{}");
  Request request;
  measured.call(request, {});
  EXPECT_EQ(repeated("429"), 0);
  request.repeats = 429;
  measured.call(request, {});
  EXPECT_EQ(repeated("429"), 1);
  EXPECT_EQ(answered("200"), 2);
}

}  // namespace
}  // namespace errand::kube
