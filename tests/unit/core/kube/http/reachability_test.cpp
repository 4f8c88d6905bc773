#include "core/kube/http/reachability.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/unit/core/kube/fakes.hpp"

namespace errand::kube {
namespace {

struct ReachabilityTest : testing::Test {
  FakeTransport inner;
  FakeRandom random;
  Reachability reachability{inner, random};

  void ask() {
    Request request;
    request.path = {"readyz"};
    (void)reachability.call(request, {});
  }
};

TEST_F(ReachabilityTest, KnowsFromTheAnswers) {
  inner.answer(404, "{}");
  inner.fail(ErrorKind::Unavailable);
  inner.answer(503, "{}");
  inner.answer(200, "{}");
  inner.fail(ErrorKind::Timeout);
  ask();
  EXPECT_TRUE(reachability.answering());
  ask();
  EXPECT_FALSE(reachability.answering());
  ask();
  EXPECT_FALSE(reachability.answering());
  ask();
  EXPECT_TRUE(reachability.answering());
  ask();
  EXPECT_FALSE(reachability.answering());
}

TEST_F(ReachabilityTest, ACallThatWasCutOffSaysNothing) {
  inner.fail(ErrorKind::Unavailable);
  inner.fail(ErrorKind::Cancelled);
  ask();
  ask();
  EXPECT_FALSE(reachability.answering());
}

TEST_F(ReachabilityTest, AStreamAnswersWithItsFirstBytes) {
  inner.fail(ErrorKind::Unavailable);
  ask();
  inner.streams({"{}\n"});
  Request watch;
  watch.path = {"api"};
  bool during = false;
  (void)reachability.stream(watch,
                            [&](std::string_view) {
                              during = reachability.answering();
                              return true;
                            },
                            {});
  EXPECT_TRUE(during);
}

TEST_F(ReachabilityTest, APauseEndsWhenTheServerIsBack) {
  inner.fail(ErrorKind::Unavailable);
  inner.answer(200, "{}");
  ask();
  std::atomic<bool> ended = false;
  std::jthread waiting([&] { ended = reachability.pause()(Seconds{3600}, {}); });
  // A return that comes before the pause has begun does not end it: so it comes again.
  while (!ended) {
    inner.fail(ErrorKind::Unavailable);
    inner.answer(200, "{}");
    ask();
    ask();
    std::this_thread::yield();
  }
}

TEST_F(ReachabilityTest, APauseEndsWithAStop) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(reachability.pause()(Seconds{3600}, stop.get_token()));
}

}  // namespace
}  // namespace errand::kube
