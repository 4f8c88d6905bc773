#include "core/serve/health.hpp"

#include <fmt/format.h>

#include "core/base/log.hpp"
#include "core/base/metrics.hpp"

namespace errand::serve {
namespace {

Response evaluate(const std::string& endpoint, const std::vector<Check>& checks, bool verbose) {
  std::string lines;
  bool healthy = true;
  for (const Check& check : checks) {
    const Result<void> outcome = check.probe();
    if (!outcome) {
      log::info("health check failed",
                {{"endpoint", endpoint}, {"check", check.name}, {"error", outcome.error().message}});
    }
    lines += outcome ? fmt::format("[+]{} ok\n", check.name)
                     : fmt::format("[-]{} failed: see the log\n", check.name);
    healthy = healthy && outcome.has_value();
  }
  if (healthy && !verbose) return text(200, "ok");
  return text(healthy ? 200 : 503,
              fmt::format("{}{} check {}", lines, endpoint, healthy ? "passed" : "failed"));
}

Route route(const std::string& endpoint, std::vector<Check> checks) {
  return {"GET", "/" + endpoint, "",
          [endpoint, checks = std::move(checks)](const Request& request, std::chrono::milliseconds) {
            return evaluate(endpoint, checks, hasParameter(request.query, "verbose"));
          }};
}

}  // namespace

std::vector<Route> healthRoutes(std::vector<Check> live, std::vector<Check> ready) {
  return {route("healthz", std::move(live)), route("readyz", std::move(ready)),
          Route{"GET", "/metrics", "", [](const Request&, std::chrono::milliseconds) {
                  return Response{200, metrics::text(), std::string(metrics::kContentType)};
                }}};
}

}  // namespace errand::serve
