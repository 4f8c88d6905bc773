// The metrics of a server. Those that controller-runtime also has use its names.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "core/base/metrics.hpp"
#include "core/base/time.hpp"
#include "core/serve/routes.hpp"

namespace errand::serve {

// The limits that a server enforces (Limits, Seats). meters.cpp names the series of
// errand_http_limit_hits_total in this order.
enum class Limit {
  Connections,
  Source,
  Handshake,
  HeaderBytes,
  HeaderTime,
  BodyBytes,
  BodyTime,
  Bodies,
  Requests,
  AnswerTime,
  WriteTime,
  Idle,
  Evicted,
  Lingering,
};
inline constexpr std::size_t kLimits = static_cast<std::size_t>(Limit::Lingering) + 1;

// The metrics of one server.
class Meters {
 public:
  // Creates one set of series for each path of `routes`, and one, "other", for all other requests.
  Meters(const std::string& server, const Routes& routes);

  void hit(Limit limit) const { limits_[static_cast<std::size_t>(limit)].increment(); }
  void handshakeFailed() const { handshakes_.increment(); }
  void connections(std::size_t number) const { connections_.set(static_cast<double>(number)); }
  void expiry(Time notAfter) const {
    expiry_.set(static_cast<double>(notAfter.time_since_epoch().count()) / 1e3);
  }

  // Pass null for a request without a route.
  void begun(const Route* route) const { of(route).inFlight.add(1); }
  void ended(const Route* route) const { of(route).inFlight.add(-1); }
  void answered(const Route* route, int status, std::chrono::nanoseconds taken) const;

 private:
  struct PathSeries {
    std::string path;
    std::vector<metrics::Counter> codes;
    metrics::Histogram latency;
    metrics::Gauge inFlight;
  };
  const PathSeries& of(const Route* route) const;

  std::vector<metrics::Counter> limits_;
  metrics::Counter handshakes_;
  metrics::Gauge connections_, expiry_;
  std::vector<PathSeries> paths_;  // "other" is the last
};

}  // namespace errand::serve
