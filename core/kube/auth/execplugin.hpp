// Credentials from a program, like client-go's exec authenticator, cached until shortly before they expire.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "core/kube/auth/execcredential.hpp"

namespace errand::kube {

// The program runs in the thread of the call that needs it, for 30 s at most
// and never past the call's deadline or stop; other calls wait for it likewise.
// It runs again before its credential expires (30 s before, or a fifth of its
// life) and after a 401, unless the credential is less than 10 s old. After a failure
// it does not run for 5 s.
// Its stderr is dropped: it may contain a credential.
class ExecPlugin {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  using Run = std::function<Result<Output>(const Command&, const std::stop_token&, Instant)>;

  // `config` has an exec.
  ExecPlugin(const Config& config, const Clock& clock, Run run = runProcess);

  // Unauthorized if the plugin failed; Cancelled or Timeout if the call ended first.
  Result<std::shared_ptr<const ExecCredential>> get(const std::stop_token& stop, Instant deadline);

  // Call it when the API server has rejected the credential.
  void refused();

 private:
  bool fresh() const;
  Result<std::shared_ptr<const ExecCredential>> ask(const std::stop_token& stop, Instant deadline) const;

  const ExecSpec spec_;
  const Command command_;
  const Clock& clock_;
  const Run run_;
  std::mutex mutex_;
  std::condition_variable_any asked_;
  bool asking_ = false;
  bool refused_ = false;
  std::shared_ptr<const ExecCredential> current_;
  Instant takenAt_{};  // current_, by the monotonic clock
  Time refreshAt_{};   // where current_ expires
  std::optional<Error> failure_;
  Instant failedAt_{};
};

}  // namespace errand::kube
