// Detects that the API server does not answer, and ends waits soon after it answers again.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "core/base/crypto.hpp"
#include "core/base/metrics.hpp"
#include "core/kube/http/transport.hpp"
#include "core/kube/pause.hpp"

namespace errand::kube {

// True if a failed call got no useful answer: no connection, a timeout, or status 500 and above. The server
// may have executed it.
inline bool unanswered(const Error& error) {
  return error.kind == ErrorKind::Unavailable || error.kind == ErrorKind::Timeout;
}

// Forwards every call, and records whether the server answered. With backoff alone, a watch could wait for
// half a minute after the server's return. The pauses of this class end within a second of the first answer,
// spread over that second. Safe to use from several threads.
class Reachability final : public Transport {
 public:
  explicit Reachability(Transport& inner, Random& random = systemRandom());

  Result<Response> call(const Request& request, std::stop_token stop) override;
  Result<Response> stream(const Request& request, const Sink& sink, std::stop_token stop) override;

  bool answering() const;

  // Like systemPause(), but ends early if the server answers again. The result must not outlive this.
  Pause pause();

  // Blocks until a stop is requested. While the server does not answer, sends a request a second after the
  // last one ended. Calls recovered() each time the server answers again.
  void probe(std::stop_token stop, const std::function<void()>& recovered);

 private:
  void note(bool answered);

  Transport& inner_;
  Random& random_;
  const metrics::Gauge up_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool answering_ = true;
  std::uint64_t returns_ = 0;
};

}  // namespace errand::kube
