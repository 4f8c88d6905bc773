// The routes /healthz, /readyz and /metrics, as the API server's own answer them,
// for a listener apart from the one that serves.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/serve/routes.hpp"

namespace errand::serve {

struct Check {
  std::string name;                     // "caches"
  std::function<Result<void>()> probe;  // must not block; called from several threads
};

// GET /healthz runs `live`, GET /readyz runs `ready`: 200 "ok" or 503. With
// ?verbose, and on failure, one line a check; the error's text goes to the log
// alone, since health is answered to anybody.
// GET /metrics: what the process counts, for Prometheus.
std::vector<Route> healthRoutes(std::vector<Check> live, std::vector<Check> ready);

}  // namespace errand::serve
