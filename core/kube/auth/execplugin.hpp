// Credentials from a program, as client-go's exec authenticator, kept until shortly before they expire.
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
// It is asked again before its credential expires (30 s before, or a fifth of
// its life) and after a 401, but not within 10 s; after a failure not within 5 s.
// What it writes to stderr is dropped: it may be a credential.
class ExecPlugin {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  using Run = std::function<Result<Output>(const Command&, const std::stop_token&, Instant)>;

  // `config` has an exec.
  ExecPlugin(const Config& config, const Clock& clock, Run run = runProcess);

  // Unauthorized where the plugin failed; Cancelled or Timeout where the call was over.
  Result<std::shared_ptr<const ExecCredential>> get(const std::stop_token& stop, Instant deadline);

  // The API server has refused the credential.
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
