#include "core/kube/http/measured.hpp"

#include <chrono>

namespace errand::kube {
namespace {

constexpr int kNoAnswer = 0;

std::string codeName(int code) { return code == kNoAnswer ? "<error>" : std::to_string(code); }

}  // namespace

Measured::Measured(std::unique_ptr<Transport> inner, std::string host)
    : inner_(std::move(inner)), host_(std::move(host)) {}

void Measured::sent(const Request& request) {
  if (request.repeats == 0) return;
  metrics::counter(
      "rest_client_request_retries_total",
      "Number of request retries, partitioned by status code, verb, and host.",
      {{"code", codeName(request.repeats)}, {"verb", std::string(toString(request.method))}, {"host", host_}})
      .increment();
}

void Measured::answered(Method method, int code) {
  const auto answers = answers_.access();
  auto it = answers->find({method, code});
  if (it == answers->end())
    it = answers
             ->emplace(
                 std::pair(method, code),
                 metrics::counter(
                     "rest_client_requests_total",
                     "Number of HTTP requests, partitioned by status code, method, and host.",
                     {{"code", codeName(code)}, {"method", std::string(toString(method))}, {"host", host_}}))
             .first;
  it->second.increment();
}

Result<Response> Measured::call(const Request& request, std::stop_token stop) {
  sent(request);
  const auto begin = std::chrono::steady_clock::now();
  auto response = inner_->call(request, std::move(stop));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  answered(request.method, response ? response->status : kNoAnswer);
  const auto durations = durations_.access();
  auto it = durations->find(request.method);
  if (it == durations->end())
    it = durations
             ->emplace(request.method,
                       metrics::histogram("rest_client_request_duration_seconds",
                                          "Request latency in seconds. Broken down by verb, and host.",
                                          metrics::latencyBuckets(),
                                          {{"verb", std::string(toString(request.method))}, {"host", host_}}))
             .first;
  it->second.observe(took.count());
  return response;
}

Result<Response> Measured::stream(const Request& request, const Sink& sink, std::stop_token stop) {
  constexpr int kOk = 200;
  sent(request);
  bool counted = false;
  auto response = inner_->stream(
      request,
      [&](std::string_view bytes) {
        if (!std::exchange(counted, true)) answered(request.method, kOk);
        return sink(bytes);
      },
      std::move(stop));
  if (!counted) answered(request.method, response ? response->status : kNoAnswer);
  return response;
}

}  // namespace errand::kube
