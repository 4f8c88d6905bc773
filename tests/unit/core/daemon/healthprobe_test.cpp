// The question that an exec probe puts to the process beside it.
#include "core/daemon/healthprobe.hpp"

#include <gmock/gmock.h>

#include "core/serve/health.hpp"
#include "core/serve/server.hpp"

namespace errand::daemon {
namespace {

TEST(ProbeTest, TellsTheAnswerOfEachEndpoint) {
  const auto server = serve::Server::start(
      {.listen = "127.0.0.1:0", .threads = 1, .keepAlive = false},
      serve::Routes(serve::healthRoutes(
          {}, {{"caches", [] { return Result<void>(fail(ErrorKind::Unavailable, "not yet")); }}})));
  ASSERT_TRUE(server.has_value());
  const std::string address = (*server)->address();
  EXPECT_TRUE(probeHealth(address, "healthz").has_value());
  EXPECT_THAT(probeHealth(address, "readyz").error().message,
              testing::HasSubstr("readyz does not answer with 200"));
  EXPECT_THAT(probeHealth(address, "none").error().message,
              testing::HasSubstr("none does not answer with 200"));
}

TEST(ProbeTest, NobodyThereIsUnavailable) {
  std::string address;
  {
    const auto server =
        serve::Server::start({.listen = "127.0.0.1:0"}, serve::Routes(std::vector<serve::Route>{}));
    ASSERT_TRUE(server.has_value());
    address = (*server)->address();
  }
  EXPECT_EQ(probeHealth(address, "healthz").error().kind, ErrorKind::Unavailable);
  EXPECT_FALSE(probeHealth("localhost:80", "healthz").has_value());
}

TEST(ProbeTest, KnowsLoopback) {
  for (const char* yes : {"127.0.0.1:8081", "127.8.0.1:0", "[::1]:80"}) EXPECT_TRUE(isLoopback(yes)) << yes;
  for (const char* no : {"0.0.0.0:8081", "[::]:80", "10.0.0.1:80", "localhost:80", ""})
    EXPECT_FALSE(isLoopback(no)) << no;
}

}  // namespace
}  // namespace errand::daemon
