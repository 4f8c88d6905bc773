#include "core/kube/events/series.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/core/kube/fakes.hpp"

namespace errand::kube {
namespace {

using nlohmann::json;

struct EventSeriesTest : testing::Test {
  FakeRandom random;
  EventSeries series{{.instance = "errand-operator-1"}, random};
  Time now = *parseTime("2026-11-24T12:00:00.5Z");
  Event event{.regarding = {"errand.dev/v1alpha1", "TaskGrant", "ns", "g", "u"},
              .reason = "Started",
              .action = "Start",
              .note = "it started"};
};

TEST_F(EventSeriesTest, TheFirstIsAnObjectOfItsOwn) {
  const auto write = series.add(event, now);
  ASSERT_TRUE(write && write->create);
  const json body = json::parse(write->body);
  EXPECT_EQ(body["eventTime"], "2026-11-24T12:00:00.500000Z");
  EXPECT_EQ(body["type"], "Normal");
  EXPECT_EQ(body["regarding"]["uid"], "u");
  EXPECT_EQ(body["metadata"]["namespace"], "ns");
  EXPECT_EQ(body["reportingInstance"], "errand-operator-1");
  EXPECT_TRUE(body["metadata"]["name"].get<std::string>().starts_with("g."));
  EXPECT_EQ(write->name, body["metadata"]["name"]);
}

TEST_F(EventSeriesTest, TextIsCutToTheLimitsAtACharacter) {
  event.note = std::string(1023, 'n') + "\xc3\xa9 and more";
  event.warning = true;
  const json body = json::parse(series.add(event, now)->body);
  EXPECT_EQ(body["note"], std::string(1023, 'n'));
  EXPECT_EQ(body["type"], "Warning");
}

TEST_F(EventSeriesTest, RepetitionsAreCountedAndToldOnceAMinute) {
  const std::string name = series.add(event, now)->name;
  const auto second = series.add(event, now + Seconds{1});
  ASSERT_TRUE(second && !second->create);
  EXPECT_EQ(second->name, name);
  EXPECT_EQ(json::parse(second->body), json::parse(R"({"series":{"count":2,
      "lastObservedTime":"2026-11-24T12:00:01.500000Z"}})"));
  for (int i = 2; i < 60; ++i) EXPECT_FALSE(series.add(event, now + Seconds{i}).has_value()) << i;
  EXPECT_FALSE(series.due(now + Seconds{60}).has_value());
  const auto later = series.due(now + Seconds{61});
  ASSERT_TRUE(later.has_value());
  EXPECT_EQ(json::parse(later->body)["series"]["count"], 60);
  EXPECT_FALSE(series.due(now + Seconds{200}).has_value());
}

TEST_F(EventSeriesTest, AnotherReasonNoteOrObjectIsAnotherSeries) {
  series.add(event, now);
  Event other = event;
  other.reason = "Ended";
  EXPECT_TRUE(series.add(other, now)->create);
  other = event;
  other.note = "another";
  EXPECT_TRUE(series.add(other, now)->create);
  other = event;
  other.regarding.uid = "recreated";
  EXPECT_TRUE(series.add(other, now)->create);
}

TEST_F(EventSeriesTest, ASeriesEndsAfterSixMinutesOfSilenceOrWithItsObject) {
  series.add(event, now);
  EXPECT_TRUE(series.add(event, now + Seconds{360})->create);
  series.forget(series.add(event, now + Seconds{361})->name);
  EXPECT_TRUE(series.add(event, now + Seconds{362})->create);
}

TEST_F(EventSeriesTest, ItsMemoryIsBounded) {
  for (int i = 0; i < 5'000; ++i) {
    event.regarding.uid = std::to_string(i);
    series.add(event, now + Millis{i});
  }
  EXPECT_LE(series.size(), 4096U);
}

}  // namespace
}  // namespace errand::kube
