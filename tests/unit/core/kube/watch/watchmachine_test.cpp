// Each state of list and watch, and each way out of it.
#include "core/kube/watch/watchmachine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json/node.hpp"
#include "core/json/value.hpp"
#include "tests/unit/core/kube/fakes.hpp"

namespace errand::kube {
namespace {

using nlohmann::json;
using Phase = WatchMachine::Phase;
using testing::HasSubstr;

std::string name(const JsonNode& object) { return toValue(object)["metadata"].value("name", "?"); }

class Recorder final : public WatchSink {
 public:
  void init() override { log += "init "; }
  void initApply(const JsonNode& o) override { log += "+" + name(o) + " "; }
  void initDelete(const JsonNode& o) override { log += "-" + name(o) + " "; }
  void initDone(std::string_view v) override { log += "done@" + std::string(v) + " "; }
  void applied(const JsonNode& o) override { log += "applied:" + name(o) + " "; }
  void deleted(const JsonNode& o) override { log += "deleted:" + name(o) + " "; }
  void observed(std::string_view v) override { log += "observed@" + std::string(v) + " "; }
  void unreadable(const Error&) override { log += "unreadable "; }
  std::string log;
};

std::string event(const char* type, const char* objectName, const char* version) {
  return json{{"type", type},
              {"object", {{"metadata", {{"name", objectName}, {"resourceVersion", version}}}}}}
      .dump();
}
std::string listEnd(const char* version) {
  return R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":")" + std::string(version) +
         R"(","annotations":{"k8s.io/initial-events-end":"true"}}}})";
}

class WatchMachineTest : public testing::Test {
 protected:
  WatchMachine make(WatchSpec spec) { return {std::move(spec), sink_, random_}; }
  static std::string line(WatchMachine& machine) { return *encodeTarget(machine.next()); }
  // Past the first list, watching from 10.
  WatchMachine watching() {
    WatchMachine machine = make({.resource = api::kPods});
    (void)machine.next();
    EXPECT_TRUE(machine.line(listEnd("10")).has_value());
    sink_.log.clear();
    return machine;
  }
  static Error error(ErrorKind kind) { return Error{kind, "e"}; }

  Recorder sink_;
  FakeRandom random_;
};

TEST_F(WatchMachineTest, WatchListBuffersUntilTheBookmarkAndGoesOn) {
  auto m = make({.resource = api::kPods,
                 .ns = "ns",
                 .labelSelector = "a",
                 .fieldSelector = "b=c",
                 .metadataOnly = true});
  EXPECT_EQ(m.phase(), Phase::WatchList);
  const Request request = m.next();
  EXPECT_EQ(
      *encodeTarget(request),
      "/api/v1/namespaces/ns/pods?labelSelector=a&fieldSelector=b%3Dc&watch=true&allowWatchBookmarks=true"
      "&timeoutSeconds=290&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
  EXPECT_THAT(request.accept, HasSubstr("as=PartialObjectMetadata;"));
  EXPECT_GT(request.timeout, Seconds{290});
  for (const std::string& l : {event("ADDED", "p", "3"), event("ADDED", "q", "4"), event("DELETED", "q", "5"),
                               event("BOOKMARK", "?", "6"), listEnd("9"), event("MODIFIED", "p", "11"),
                               event("DELETED", "p", "12"), event("BOOKMARK", "?", "20")})
    EXPECT_TRUE(m.line(l).has_value());
  EXPECT_EQ(sink_.log, "init +p +q -q done@9 applied:p deleted:p observed@20 ");
  EXPECT_EQ(m.phase(), Phase::Watch);
  EXPECT_EQ(m.version(), "20");
  EXPECT_EQ(m.ended(nullptr), Millis{0}) << "a watch that ran its time is resumed at once";
  EXPECT_THAT(line(m), HasSubstr("&resourceVersion=20"));
}

TEST_F(WatchMachineTest, ABrokenFirstListStartsOver) {
  auto m = make({.resource = api::kPods});
  (void)m.next();
  EXPECT_TRUE(m.line(event("ADDED", "p", "3")).has_value());
  const Error broken = error(ErrorKind::Unavailable);
  EXPECT_GT(m.ended(&broken), Millis{0});
  EXPECT_EQ(m.phase(), Phase::WatchList);
  EXPECT_THAT(line(m), HasSubstr("sendInitialEvents"));
  EXPECT_EQ(sink_.log, "init +p init ");
}

TEST_F(WatchMachineTest, FallsBackToPagesWhereWatchListIsRefused) {
  auto m = make({.resource = api::kPods, .pageSize = 2});
  (void)m.next();
  const Error invalid = error(ErrorKind::Invalid);
  EXPECT_EQ(m.ended(&invalid), Millis{0});
  EXPECT_EQ(m.phase(), Phase::List);
  sink_.log.clear();
  EXPECT_EQ(line(m), "/api/v1/pods?limit=2");
  EXPECT_TRUE(
      m.page(R"({"metadata":{"resourceVersion":"5","continue":"c"},"items":[{"metadata":{"name":"p"}}]})")
          .has_value());
  EXPECT_EQ(m.ended(nullptr), Millis{0});
  EXPECT_EQ(m.phase(), Phase::List);
  EXPECT_EQ(line(m), "/api/v1/pods?limit=2&continue=c");
  EXPECT_TRUE(
      m.page(R"({"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"name":"q"}}]})").has_value());
  EXPECT_EQ(m.ended(nullptr), Millis{0});
  EXPECT_EQ(m.phase(), Phase::Watch);
  EXPECT_EQ(sink_.log, "init +p +q done@5 ");
  EXPECT_THAT(line(m), HasSubstr("resourceVersion=5"));
  const Error gone = error(ErrorKind::Gone);
  EXPECT_GT(m.ended(&gone), Millis{0});
  EXPECT_EQ(m.phase(), Phase::List) << "the refusal is remembered";
}

TEST_F(WatchMachineTest, AFailedPageStartsTheListOver) {
  auto m = make({.resource = api::kPods, .watchList = false});
  (void)m.next();
  EXPECT_TRUE(m.page(R"({"metadata":{"resourceVersion":"5","continue":"c"},"items":[]})").has_value());
  (void)m.ended(nullptr);
  (void)m.next();
  const Error gone = error(ErrorKind::Gone);
  EXPECT_GT(m.ended(&gone), Millis{0});
  EXPECT_EQ(line(m), "/api/v1/pods?limit=500");
  EXPECT_FALSE(m.page("[]").has_value());
  EXPECT_FALSE(m.page("{}").has_value()) << "no resourceVersion to watch from";
  EXPECT_FALSE(m.page("nonsense").has_value());
}

TEST_F(WatchMachineTest, GoneStartsOver) {
  auto m = watching();
  (void)m.next();
  const auto read = m.line(
      R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}})");
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().kind, ErrorKind::Gone);
  EXPECT_EQ(m.ended(&read.error()), Millis{100});
  EXPECT_EQ(m.phase(), Phase::WatchList);
  EXPECT_EQ(m.version(), "");
}

TEST_F(WatchMachineTest, ABrokenWatchResumesWithBackoffThatProgressResets) {
  auto m = watching();
  const Error broken = error(ErrorKind::Unavailable);
  std::vector<Millis> waits;
  for (int i = 0; i < 10; ++i) {
    (void)m.next();
    waits.push_back(m.ended(&broken));
  }
  EXPECT_EQ(m.phase(), Phase::Watch);
  EXPECT_EQ(waits[0], Millis{100});
  EXPECT_EQ(waits[3], Millis{800});
  EXPECT_EQ(waits[9], Millis{15'000}) << "half of the cap of 30 s";
  EXPECT_THAT(line(m), HasSubstr("resourceVersion=10"));
  EXPECT_TRUE(m.line(event("BOOKMARK", "?", "11")).has_value());
  EXPECT_EQ(m.ended(&broken), Millis{100});
}

TEST_F(WatchMachineTest, AnEmptyWatchThatEndsAtOnceIsNotHammered) {
  auto m = watching();
  (void)m.next();
  EXPECT_EQ(m.ended(nullptr), Millis{100});
  (void)m.next();
  EXPECT_EQ(m.ended(nullptr), Millis{200});
}

TEST_F(WatchMachineTest, MissingRightsAreAskedAgainWithinFiveSeconds) {
  auto m = make({.resource = api::kSecrets, .ns = "ns"});
  random_.value = 2500;
  const Error forbidden = error(ErrorKind::Forbidden);
  for (int i = 0; i < 20; ++i) {
    (void)m.next();
    EXPECT_LE(m.ended(&forbidden), Millis{5000});
  }
  EXPECT_EQ(m.failures(), 20U);
  (void)m.next();
  EXPECT_EQ(m.ended(&forbidden), Millis{5000});
}

// As an API server does that has just started: "storage is (re)initializing".
TEST_F(WatchMachineTest, AServerThatAnswersAgainIsNotWaitedForAsLongAsTheOneThatDidNot) {
  auto machine = make({.resource = api::kPods});
  const Error gone = error(ErrorKind::Unavailable);
  for (int i = 0; i < 20; ++i) (void)machine.ended(&gone);
  Error busy = error(ErrorKind::TooManyRequests);
  busy.retryAfter = Millis{1000};
  (void)machine.next();
  EXPECT_EQ(machine.ended(&busy), Millis{1000}) << "what it asks for, not what the outage has come to";
  for (int i = 0; i < 20; ++i) {
    (void)machine.next();
    EXPECT_LE(machine.ended(&busy), Millis{5000});
  }
}

TEST_F(WatchMachineTest, RetryAfterIsObeyedWithinTheCap) {
  auto m = watching();
  (void)m.next();
  Error busy = error(ErrorKind::TooManyRequests);
  busy.retryAfter = Millis{7000};
  EXPECT_EQ(m.ended(&busy), Millis{7000});
  busy.retryAfter = Millis{3'600'000};
  (void)m.next();
  EXPECT_EQ(m.ended(&busy), Millis{30'000});
}

TEST_F(WatchMachineTest, UnreadableEventsAreLeftOut) {
  auto m = watching();
  (void)m.next();
  for (const char* bad : {"nonsense", "[]", "{}", R"({"type":"ADDED"})",
                          R"({"type":"ADDED","object":{"metadata":{"name":"p","name":"q"}}})"})
    EXPECT_TRUE(m.line(bad).has_value()) << bad;
  EXPECT_TRUE(m.line("").has_value());
  EXPECT_TRUE(m.line(event("STRANGE", "p", "12")).has_value());
  EXPECT_TRUE(m.line(event("ADDED", "p", "13")).has_value());
  EXPECT_EQ(sink_.log, "unreadable unreadable unreadable unreadable unreadable applied:p ");
  EXPECT_EQ(m.version(), "13");
}

TEST_F(WatchMachineTest, APageThatCannotBeReadGivesNoItem) {
  for (const char* bad : {R"({"items":[{"metadata":{"name":"p"}},{)", R"({"items":[{"a":1,"a":1}]})", "[]"}) {
    auto m = make({.resource = api::kPods, .watchList = false});
    (void)m.next();
    EXPECT_FALSE(m.page(bad).has_value()) << bad;
    EXPECT_EQ(sink_.log, "") << bad;
  }
}

TEST(LineSplitterTest, LinesAcrossPieces) {
  LineSplitter lines(8);
  std::vector<std::string> got;
  const auto keep = [&](std::string_view l) {
    got.emplace_back(l);
    return l != "stop";
  };
  EXPECT_TRUE(lines.feed("a", keep));
  EXPECT_TRUE(lines.feed("b\ncd\n\nlong", keep));
  EXPECT_TRUE(lines.feed("er than 8", keep));
  EXPECT_TRUE(lines.feed(" still\nok\n12345678\n123456789\n", keep));
  EXPECT_EQ(got, (std::vector<std::string>{"ab", "cd", "", "ok", "12345678"}));
  EXPECT_EQ(lines.dropped(), 2U);
  EXPECT_FALSE(lines.feed("stop\nafter\n", keep));
  EXPECT_EQ(got.back(), "stop");
}

}  // namespace
}  // namespace errand::kube
