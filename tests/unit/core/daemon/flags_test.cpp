// Flags: typed values, their bounds, and what the help prints of them.
#include "core/daemon/flags.hpp"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>

namespace errand::daemon {
namespace {

using testing::HasSubstr;
using testing::Not;

// Returns what is wrong with the command line; empty if nothing is.
std::string parsed(CLI::App& app, const std::string& line) {
  try {
    app.parse(line);
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  return {};
}

struct Durations {
  Durations() {
    addDuration(app, "--seconds", seconds, "What", {.most = Seconds{60}});
    addDuration(app, "--millis", millis, "What", kPositive);
    addDuration(app, "--optional", optional, "What", {.least = Seconds{3}});
  }
  CLI::App app;
  Seconds seconds{5};
  Millis millis{90'000};
  std::optional<Seconds> optional;
};

TEST(DurationFlagTest, KeepsItsDefaultAndPrintsIt) {
  Durations flags;
  EXPECT_EQ(parsed(flags.app, ""), "");
  EXPECT_EQ(flags.seconds, Seconds{5});
  EXPECT_EQ(flags.optional, std::nullopt);
  EXPECT_THAT(flags.app.help(),
              testing::AllOf(HasSubstr("[5s]"), HasSubstr("[1m30s]"), HasSubstr("DURATION")));
}

TEST(DurationFlagTest, TakesWhatIsGiven) {
  Durations flags;
  EXPECT_EQ(parsed(flags.app, "--seconds 1m --millis 2s --optional 1h"), "");
  EXPECT_EQ(flags.seconds, Seconds{60});
  EXPECT_EQ(flags.millis, Millis{2'000});
  EXPECT_EQ(flags.optional, Seconds{3600});
}

TEST(DurationFlagTest, RejectsWhatIsNoDurationOrOutOfBounds) {
  const std::pair<const char*, const char*> cases[] = {
      {"--seconds 61s", "must be 1m at most"},     {"--seconds soon", "is not a duration"},
      {"--millis 0s", "must be longer than 0s"},   {"--optional 2s", "must be 3s at least"},
      {"--millis 99999999h", "is not a duration"},
  };
  for (const auto& [line, why] : cases) {
    Durations flags;
    EXPECT_THAT(parsed(flags.app, line), HasSubstr(why)) << line;
    EXPECT_EQ(flags.seconds, Seconds{5}) << line;
  }
}

TEST(FlagsTest, AddressesAndUrlsAreChecked) {
  CLI::App app;
  std::string address = "127.0.0.1:1", url;
  addAddress(app, "--at", address, "What");
  requireHttps(app.add_option("--url", url, "What"));
  EXPECT_EQ(parsed(app, "--at [::1]:80 --url https://h"), "");
  EXPECT_THAT(parsed(app, "--at localhost:80"), Not(""));
  EXPECT_THAT(parsed(app, "--url http://h"), HasSubstr("does not begin with https://"));
}

TEST(FlagsTest, TheLogLevelIsOneOfFour) {
  CLI::App app;
  ProcessFlags flags;
  describe(app, flags, "with --every");
  EXPECT_THAT(app.help(), testing::AllOf(HasSubstr("[info]"), HasSubstr("with --every")));
  EXPECT_EQ(parsed(app, "--log-level error"), "");
  EXPECT_EQ(flags.logLevel, log::Level::error);
  EXPECT_THAT(parsed(app, "--log-level loud"), Not(""));
}

TEST(LeaderFlagsTest, NameALeaseOrNone) {
  LeaderFlags flags;
  const auto lease = leaseOf(flags, "errand-x", "own");
  ASSERT_TRUE(lease && *lease);
  EXPECT_EQ((*lease)->name, "errand-x");
  EXPECT_EQ((*lease)->ns, "own");
  EXPECT_NE((*lease)->identity, (*leaseOf(flags, "errand-x", "own"))->identity);
  flags.ns = "other";
  EXPECT_EQ((*leaseOf(flags, "errand-x", "own"))->ns, "other");
  flags.spec.retry = flags.spec.duration;
  EXPECT_THAT(leaseOf(flags, "errand-x", "own").error().message, HasSubstr("--leader-elect-*"));
  flags.elect = false;
  EXPECT_EQ(*leaseOf(flags, "errand-x", "own"), std::nullopt);
}

}  // namespace
}  // namespace errand::daemon
