// A reflector over a scripted API server: the store follows, whatever comes.
#include "core/kube/watch/reflector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "core/api/objects.hpp"
#include "tests/unit/core/kube/fakes.hpp"

namespace errand::kube {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string event(const char* type, const json& metadata, const json& spec = json::object()) {
  return json{{"type", type}, {"object", {{"metadata", metadata}, {"spec", spec}}}}.dump() + "\n";
}
json meta(const char* name, const char* version) {
  return {{"namespace", "ns"}, {"name", name}, {"uid", "u"}, {"resourceVersion", version}};
}
std::string initialEnd(const char* version) {
  return event("BOOKMARK",
               {{"resourceVersion", version}, {"annotations", {{"k8s.io/initial-events-end", "true"}}}});
}

class ReflectorTest : public testing::Test {
 protected:
  // Runs the script to its end, on the reflector's own thread.
  void run(WatchSpec spec) {
    std::promise<void> over;
    std::atomic<bool> told{false};
    transport_.atEnd([&] {
      if (!told.exchange(true)) over.set_value();
    });
    ReflectorSeams seams;
    seams.random = &random_;
    seams.pause = [&](Millis wait, const std::stop_token& stop) {
      waits_.push_back(wait);
      if (!told) return true;
      while (!stop.stop_requested()) std::this_thread::yield();
      return false;
    };
    Reflector<api::Pod> reflector(std::move(spec), transport_, store_, seams);
    over.get_future().wait();
    skipped_ = reflector.skipped();
    synced_ = reflector.synced();
  }
  std::string versionOf(const char* name) const {
    const auto found = store_.get("ns", name);
    return found ? found->meta.resourceVersion : "";
  }

  FakeTransport transport_;
  FakeRandom random_;
  Store<api::Pod> store_;
  std::vector<Millis> waits_;
  std::uint64_t skipped_ = 0;
  bool synced_ = false;
};

TEST_F(ReflectorTest, StreamsTheFirstListThenChanges) {
  const std::string all = event("ADDED", meta("p", "3")) + event("ADDED", meta("q", "4")) + initialEnd("5") +
                          event("MODIFIED", meta("p", "6")) + event("DELETED", meta("q", "7"));
  transport_.streams({all.substr(0, 50), all.substr(50, 200), all.substr(250)});
  run({.resource = api::kPods, .ns = "ns"});
  EXPECT_TRUE(synced_);
  EXPECT_EQ(versionOf("p"), "6");
  EXPECT_EQ(versionOf("q"), "");
  EXPECT_THAT(transport_.seen[1].line, HasSubstr("&resourceVersion=7"));
}

TEST_F(ReflectorTest, AnObjectThatDoesNotDecodeKeepsItsLastForm) {
  const json bad = {{"serviceAccountName", 7}};
  transport_.streams({event("ADDED", meta("p", "3")), initialEnd("5"), event("MODIFIED", meta("p", "6"), bad),
                      event("ADDED", meta("x", "7"), bad), "nonsense\n", event("ADDED", meta("y", "8"))});
  transport_.answer(410, statusBody(410, "Expired", "too old"));
  transport_.streams({event("ADDED", meta("p", "6"), bad), event("ADDED", meta("y", "8")), initialEnd("9")});
  run({.resource = api::kPods});
  EXPECT_EQ(versionOf("p"), "3");
  EXPECT_EQ(versionOf("x"), "");
  EXPECT_EQ(versionOf("y"), "8");
  EXPECT_EQ(skipped_, 4U);
}

TEST_F(ReflectorTest, AnObjectThatDoesNotDecodeIsAbsentWhereItsLastFormCouldAllowTooMuch) {
  const json bad = {{"serviceAccountName", 7}};
  transport_.streams({event("ADDED", meta("p", "3")), event("ADDED", meta("q", "4")), initialEnd("5"),
                      event("MODIFIED", meta("p", "6"), bad)});
  transport_.answer(410, statusBody(410, "Expired", "too old"));
  transport_.streams(
      {event("ADDED", meta("p", "6"), bad), event("ADDED", meta("q", "7"), bad), initialEnd("9")});
  run({.resource = api::kPods, .undecodableIsAbsent = true});
  EXPECT_EQ(store_.size(), 0U);
}

TEST_F(ReflectorTest, ASecondListTakesAwayWhatWentMeanwhile) {
  transport_.streams({event("ADDED", meta("p", "3")), event("ADDED", meta("q", "4")), initialEnd("5")});
  transport_.fail(ErrorKind::Unavailable, "connection refused");
  transport_.answer(410, statusBody(410, "Expired", "too old"));
  transport_.streams({event("ADDED", meta("q", "4")), initialEnd("50")});
  run({.resource = api::kPods});
  EXPECT_EQ(versionOf("p"), "");
  EXPECT_EQ(versionOf("q"), "4");
}

TEST_F(ReflectorTest, FallsBackToPages) {
  transport_.answer(422, statusBody(422, "Invalid", "sendInitialEvents: Forbidden"));
  transport_.answer(200, json{{"metadata", {{"resourceVersion", "5"}, {"continue", "c"}}},
                              {"items", {{{"metadata", meta("p", "3")}}}}}
                             .dump());
  transport_.answer(
      200,
      json{{"metadata", {{"resourceVersion", "5"}}}, {"items", {{{"metadata", meta("q", "4")}}}}}.dump());
  run({.resource = api::kPods});
  EXPECT_EQ(store_.size(), 2U);
  EXPECT_THAT(transport_.seen.back().line, HasSubstr("watch=true"));
  EXPECT_THAT(transport_.seen.back().line, HasSubstr("resourceVersion=5"));
}

TEST_F(ReflectorTest, WaitsForRightsAndGoesOn) {
  for (int i = 0; i < 8; ++i) transport_.answer(403, statusBody(403, "Forbidden", "no"));
  transport_.streams({initialEnd("5")});
  run({.resource = api::kPods, .ns = "ns"});
  ASSERT_GE(waits_.size(), 8U);
  EXPECT_EQ(waits_[0], Millis{100});
  EXPECT_EQ(waits_[7], Millis{2500}) << "half of the cap of 5 s";
  EXPECT_TRUE(synced_);
}

}  // namespace
}  // namespace errand::kube
