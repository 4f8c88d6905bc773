// Counts the calls of a Transport, with client-go's metric names.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "core/base/guarded.hpp"
#include "core/base/metrics.hpp"
#include "core/kube/http/transport.hpp"

namespace errand::kube {

// The series:
// - rest_client_requests_total{code,method,host}; code is "<error>" without an answer
// - rest_client_request_duration_seconds{verb,host} of calls, from the call to the last byte, including the
//   wait for a free connection
// - rest_client_request_retries_total{code,verb,host}
//
// A stream counts once, at its first bytes or else at its end. Like in client-go, it has no duration. `host`
// is that of the configured server.
class Measured final : public Transport {
 public:
  Measured(std::unique_ptr<Transport> inner, std::string host);

  Result<Response> call(const Request& request, std::stop_token stop) override;
  Result<Response> stream(const Request& request, const Sink& sink, std::stop_token stop) override;

 private:
  void sent(const Request& request);
  void answered(Method method, int code);

  const std::unique_ptr<Transport> inner_;
  const std::string host_;
  Guarded<std::map<Method, metrics::Histogram>> durations_;
  Guarded<std::map<std::pair<Method, int>, metrics::Counter>> answers_;
};

}  // namespace errand::kube
