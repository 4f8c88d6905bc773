// Notices that the API server does not answer, and ends waits soon after it does again.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "core/base/crypto.hpp"
#include "core/base/metrics.hpp"
#include "core/kube/http/transport.hpp"
#include "core/kube/pause.hpp"

namespace errand::kube {

// Of a call that failed: no connection, no answer in time, or 500 and above. It may have been carried out.
inline bool unanswered(const Error& error) {
  return error.kind == ErrorKind::Unavailable || error.kind == ErrorKind::Timeout;
}

// Passes everything on and notices what is unanswered. Backoff alone would leave a watch waiting for half a
// minute after the server's return; its pauses end within a second of the first answer instead, spread over
// that second.
class Reachability final : public Transport {
 public:
  explicit Reachability(Transport& inner, Random& random = systemRandom());

  Result<Response> call(const Request& request, std::stop_token stop) override;
  Result<Response> stream(const Request& request, const Sink& sink, std::stop_token stop) override;

  bool answering() const;

  // As systemPause(), and shorter where the server comes back meanwhile.
  Pause pause();

  // Asks the server once a second while it does not answer, until a stop is
  // requested; calls recovered() after each return.
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
