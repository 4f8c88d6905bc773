// The routes /healthz, /readyz and /metrics, in the form of the API server's own. Serve them on a separate
// listener.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/serve/routes.hpp"

namespace errand::serve {

// A health check with its name.
struct Check {
  std::string name;                     // such as "caches"
  std::function<Result<void>()> probe;  // must not block; several threads call it
};

// GET /healthz runs `live`, and GET /readyz runs `ready`: 200 "ok", or 503. With ?verbose, and after a
// failure, the answer has one line for each check. The text of an error is only logged, because every client
// may read these routes. GET /metrics returns the metrics of the process for Prometheus.
std::vector<Route> healthRoutes(std::vector<Check> live, std::vector<Check> ready);

}  // namespace errand::serve
