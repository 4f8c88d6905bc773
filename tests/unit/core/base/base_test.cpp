// Time, durations, encodings, the wiping of secrets, and the escaping of log lines.
#include <gtest/gtest.h>

#include "core/base/crypto.hpp"
#include "core/base/log.hpp"
#include "core/base/sensitive.hpp"
#include "core/base/time.hpp"

namespace errand {
namespace {

TEST(Time, RoundTripsAndUnderstandsOffsetsAndFractions) {
  EXPECT_EQ(formatTime(*parseTime("2026-11-24T11:34:52Z")), "2026-11-24T11:34:52Z");
  EXPECT_EQ(*parseTime("2026-11-24T12:34:52+01:00"), *parseTime("2026-11-24T11:34:52Z"));
  EXPECT_EQ(*parseTime("2026-11-24T11:34:52.25Z") - *parseTime("2026-11-24T11:34:52Z"), Millis{250});
  EXPECT_EQ(*parseTime("2026-11-24T11:34:52.123456789Z") - *parseTime("2026-11-24T11:34:52Z"), Millis{123});
}

TEST(Time, ReadsWhatTheApiServerTakesForADateTime) {
  for (const char* accepted : {"0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "1969-12-31T23:59:59Z",
                               "2020-01-01T00:00:00+24:00", "2020-01-01T00:00:00,5Z", "2020-01-01t00:00:00z"})
    EXPECT_TRUE(parseTime(accepted).has_value()) << accepted;
  EXPECT_LT(*parseTime("0001-01-01T00:00:00Z"), *parseTime("1970-01-01T00:00:00Z"));
}

TEST(Time, RefusesWhatIsNoTime) {
  for (const char* bad :
       {"", "2026", "2026-02-30T00:00:00Z", "2026-11-24T25:00:00Z", "2026-11-24T11:34:52",
        "2026-11-24T11:34:52.Z", "2026-11-24T11:34:52+1:00", "2026-11-24 11:34:52Z", "2026-11-24T11:34:52Zx"})
    EXPECT_FALSE(parseTime(bad).has_value()) << bad;
}

TEST(Duration, ReadsGoDurationsInWholeSeconds) {
  EXPECT_EQ(*parseDuration("1h30m"), Seconds{5400});
  EXPECT_EQ(*parseDuration("90s"), Seconds{90});
  EXPECT_EQ(formatDuration(Seconds{5400}), "1h30m");
  EXPECT_EQ(formatDuration(Seconds{0}), "0s");
  for (const char* bad : {"", "15", "m", "30m1h", "1h1h", "-5m", "1.5h", "99999999999s", "5 m"})
    EXPECT_FALSE(parseDuration(bad).has_value()) << bad;
}

TEST(Crypto, KnownAnswers) {
  EXPECT_EQ(sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(base64Encode("any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==");
  EXPECT_EQ(*base64Decode("YW55IGNhcm5hbCBwbGVhcw=="), "any carnal pleas");
  EXPECT_EQ(*base64UrlDecode("-_8"), "\xfb\xff");
  for (const char* bad : {"a", "ab=c", "====", "YW5\n", "a b="})
    EXPECT_FALSE(base64Decode(bad).has_value()) << bad;
  EXPECT_FALSE(base64UrlDecode("+/8").has_value());
}

TEST(Sensitive, MoveLeavesNothingBehind) {
  Sensitive a(std::string("short"));
  const Sensitive b(std::move(a));
  EXPECT_EQ(b.reveal(), "short");
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the promise
}

TEST(Sensitive, WipesTheStringThatItIsMadeOf) {
  std::string text = "short";
  const Sensitive made(std::move(text));
  EXPECT_EQ(std::string_view(text.data(), 5),
            std::string_view("\0\0\0\0\0", 5));  // NOLINT(bugprone-use-after-move)
}

TEST(Sensitive, WipeOverwritesTheWholeBuffer) {
  std::string text(64, 's');
  const char* where = text.data();
  Sensitive::wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(*where, '\0');
}

TEST(Log, LineIsValidJsonWhateverIsInIt) {
  EXPECT_EQ(log::render("reconciled", {{"name", "a\"b\\c\n\x7f"}, {"n", 3}, {"ok", true}}),
            "\"msg\":\"reconciled\",\"name\":\"a\\\"b\\\\c\\u000a\\u007f\",\"n\":3,\"ok\":true");
}

TEST(Log, UnknownLevelNamesTheChoices) {
  const auto level = log::parseLevel("loud");
  ASSERT_FALSE(level.has_value());
  EXPECT_NE(level.error().message.find("debug, info, warn or error"), std::string::npos);
}

}  // namespace
}  // namespace errand
