#include "core/serve/io/meters.hpp"

#include <algorithm>

namespace errand::serve {
namespace {

constexpr const char* kLimitNames[kLimits] = {"connections",
                                              "connections_per_source",
                                              "handshake_time",
                                              "header_bytes",
                                              "header_time",
                                              "body_bytes",
                                              "body_time",
                                              "bodies_bytes",
                                              "requests",
                                              "answer_time",
                                              "write_time",
                                              "idle_time",
                                              "connections_evicted",
                                              "lingering_bytes"};

// The statuses that the servers answer. Any other status counts as the last one (500).
constexpr int kCodes[] = {200, 400, 404, 405, 411, 413, 415, 429, 431, 503, 500};

const std::vector<double>& buckets() {
  static const std::vector<double> bounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                          0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
  return bounds;
}

}  // namespace

Meters::Meters(const std::string& server, const Routes& routes)
    : handshakes_(metrics::counter("errand_http_handshake_failures_total",
                                   "Connections that ended before the TLS handshake was complete.",
                                   {{"server", server}})),
      connections_(metrics::gauge("errand_http_connections", "Open connections.", {{"server", server}})),
      expiry_(metrics::gauge("errand_certificate_expiry_timestamp_seconds",
                             "Expiry of the certificate, in seconds since the epoch. 0 for plain HTTP.",
                             {{"server", server}})) {
  for (const char* name : kLimitNames) {
    limits_.push_back(metrics::counter("errand_http_limit_hits_total",
                                       "Connections and requests that a limit refused or ended.",
                                       {{"server", server}, {"limit", name}}));
  }
  std::vector<std::string> paths = routes.paths();
  paths.emplace_back("other");
  for (std::string& path : paths) {
    const metrics::Labels labels{{"server", server}, {"webhook", path}};
    std::vector<metrics::Counter> codes;
    for (const int code : kCodes) {
      metrics::Labels coded = labels;
      coded.emplace("code", std::to_string(code));
      codes.push_back(metrics::counter("controller_runtime_webhook_requests_total",
                                       "Requests that were answered, by HTTP status.", coded));
    }
    paths_.push_back(
        {path, std::move(codes),
         metrics::histogram("controller_runtime_webhook_latency_seconds",
                            "Seconds from the first byte of a request to its answer.", buckets(), labels),
         metrics::gauge("controller_runtime_webhook_requests_in_flight",
                        "Requests whose handler has not answered yet.", labels)});
  }
}

const Meters::PathSeries& Meters::of(const Route* route) const {
  if (route == nullptr) return paths_.back();
  const auto found = std::ranges::find(paths_, route->path, &PathSeries::path);
  return found == paths_.end() ? paths_.back() : *found;
}

void Meters::answered(const Route* route, int status, std::chrono::nanoseconds taken) const {
  const PathSeries& series = of(route);
  const auto code = std::ranges::find(kCodes, status);
  series.codes[std::min<std::size_t>(static_cast<std::size_t>(code - kCodes), std::size(kCodes) - 1)]
      .increment();
  series.latency.observe(std::chrono::duration<double>(taken).count());
}

}  // namespace errand::serve
