// The life of a process. Each test runs one in a process of its own, because what it sets is permanent.
#include "core/daemon/daemon.hpp"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdlib>

namespace errand::daemon {
namespace {

const ProcessFlags kFlags{.healthListen = "127.0.0.1:0", .logLevel = log::Level::error};

[[noreturn]] void live(const std::function<Result<void>(Process&)>& body) { std::exit(run(kFlags, body)); }

Result<void> check(bool good, const char* what) {
  return good ? Result<void>() : fail(ErrorKind::Internal, what);
}

TEST(DaemonDeathTest, IsPrivateWhileItRuns) {
  const auto body = [](Process&) { return check(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0, "dumpable"); };
  EXPECT_EXIT(live(body), testing::ExitedWithCode(EXIT_SUCCESS), "");
}

TEST(DaemonDeathTest, AnErrorIsLoggedAndFails) {
  const auto body = [](Process&) { return check(false, "no such file"); };
  EXPECT_EXIT(live(body), testing::ExitedWithCode(EXIT_FAILURE), "cannot run.*no such file");
}

TEST(DaemonDeathTest, WaitsForASignalAndRemembersIt) {
  const auto body = [](Process& process) {
    if (process.awaitEnd(Millis{1})) return check(false, "ended without a signal");
    kill(getpid(), SIGTERM);
    const bool ended = process.awaitEnd() && process.awaitEnd(Millis{0}) && process.awaitEnd();
    return check(ended, "did not end");
  };
  EXPECT_EXIT(live(body), testing::ExitedWithCode(EXIT_SUCCESS), "");
}

TEST(DaemonDeathTest, AnAddressInUseIsAnError) {
  const auto body = [](Process& process) -> Result<void> {
    const auto first = process.serveHealth({});
    if (!first) return std::unexpected(first.error());
    ProcessFlags same = kFlags;
    same.healthListen = (*first)->address();
    return check(run(same,
                     [](Process& other) {
                       const auto second = other.serveHealth({});
                       return second ? Result<void>() : std::unexpected(second.error());
                     }) == EXIT_FAILURE,
                 "two servers at one address");
  };
  EXPECT_EXIT(live(body), testing::ExitedWithCode(EXIT_SUCCESS), "");
}

}  // namespace
}  // namespace errand::daemon
