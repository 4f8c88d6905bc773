#include "core/serve/health.hpp"

#include <gtest/gtest.h>

namespace errand::serve {
namespace {

Check passing(const std::string& name) {
  return {name, [] { return Result<void>(); }};
}

Check failing(const std::string& name) {
  return {name, [] { return Result<void>(fail(ErrorKind::Unavailable, "reason for the log")); }};
}

Response get(const std::vector<Route>& all, std::string_view path, std::string_view query = "") {
  const Routes routes(all);
  const Request request{"GET", path, query, "", ""};
  return std::get<Response>(std::get<const Route*>(routes.find(request))->handler(request, {}));
}

TEST(Health, OkWhenAllChecksPass) {
  const Response response = get(healthRoutes({}, {passing("caches"), passing("tls")}), "/readyz");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "ok\n");
}

TEST(Health, VerboseNamesEachCheck) {
  const Response response = get(healthRoutes({}, {passing("caches"), passing("tls")}), "/readyz", "verbose");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "[+]caches ok\n[+]tls ok\nreadyz check passed\n");
}

TEST(Health, OneFailureIs503AndKeepsItsReasonToTheLog) {
  const Response response = get(healthRoutes({}, {failing("caches"), passing("tls")}), "/readyz");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, "[-]caches failed: see the log\n[+]tls ok\nreadyz check failed\n");
}

TEST(Health, LivenessDoesNotAskReadiness) {
  const std::vector<Route> routes = healthRoutes({passing("ping")}, {failing("caches")});
  EXPECT_EQ(get(routes, "/healthz").status, 200);
  EXPECT_EQ(get(routes, "/readyz").status, 503);
}

}  // namespace
}  // namespace errand::serve
