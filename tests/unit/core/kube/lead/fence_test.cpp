#include "core/kube/lead/fence.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/kube/fakes.hpp"

namespace errand::kube {
namespace {

struct FakeLeadership final : Leadership {
  Millis left() const override { return value; }
  Millis value{0};
};

// Remembers the time that a call was given.
struct TimedTransport final : Transport {
  Result<Response> call(const Request& request, std::stop_token) override {
    timeouts.push_back(request.timeout);
    bodies.emplace_back(request.body.reveal());
    return Response{200};
  }
  Result<Response> stream(const Request& request, const Sink&, std::stop_token) override {
    timeouts.push_back(request.timeout);
    return Response{200};
  }
  std::vector<Millis> timeouts;
  std::vector<std::string> bodies;
};

struct FenceTest : testing::Test {
  TimedTransport inner;
  FakeLeadership leadership;
  Fence fence{inner, leadership};
  FenceTest() { fence.open(); }

  static Request request(Method method) {
    Request out;
    out.method = method;
    out.path = {"api", "v1", "namespaces"};
    out.body = Sensitive("body");
    return out;
  }
};

TEST_F(FenceTest, ReadsPassWithoutLeading) {
  EXPECT_TRUE(fence.call(request(Method::Get), {}).has_value());
  EXPECT_TRUE(fence.stream(request(Method::Get), [](std::string_view) { return true; }, {}).has_value());
  EXPECT_EQ(inner.timeouts.size(), 2U);
}

TEST_F(FenceTest, WritesNeedTheLease) {
  for (const Method method : {Method::Post, Method::Put, Method::Patch, Method::Delete}) {
    const auto refused = fence.call(request(method), {});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::Cancelled);
  }
  EXPECT_TRUE(inner.timeouts.empty());
}

TEST_F(FenceTest, AWriteMustEndBeforeTheLease) {
  leadership.value = Millis{1500};
  ASSERT_TRUE(fence.call(request(Method::Post), {}).has_value());
  EXPECT_EQ(inner.timeouts.back(), Millis{1500});
  EXPECT_EQ(inner.bodies.back(), "body");
  leadership.value = Seconds{60};
  ASSERT_TRUE(fence.call(request(Method::Post), {}).has_value());
  EXPECT_EQ(inner.timeouts.back(), Millis{30'000});
}

TEST_F(FenceTest, BetweenTermsNothingPasses) {
  leadership.value = Seconds{10};
  fence.close();
  EXPECT_EQ(fence.call(request(Method::Get), {}).error().kind, ErrorKind::Cancelled);
  EXPECT_EQ(fence.call(request(Method::Post), {}).error().kind, ErrorKind::Cancelled);
  EXPECT_TRUE(inner.timeouts.empty());
  fence.open();
  EXPECT_TRUE(fence.call(request(Method::Post), {}).has_value());
}

TEST_F(FenceTest, ACallUnderWayEndsWithTheTerm) {
  struct Closing final : Transport {
    Result<Response> call(const Request&, std::stop_token stop) override {
      fence->close();
      fence->open();
      stopped = stop.stop_requested();
      return fail(ErrorKind::Cancelled, "stopped");
    }
    Result<Response> stream(const Request&, const Sink&, std::stop_token) override { return Response{}; }
    Fence* fence = nullptr;
    bool stopped = false;
  } closing;
  leadership.value = Seconds{10};
  Fence around(closing, leadership);
  around.open();
  closing.fence = &around;
  EXPECT_FALSE(around.call(request(Method::Post), {}).has_value());
  EXPECT_TRUE(closing.stopped);
}

}  // namespace
}  // namespace errand::kube
