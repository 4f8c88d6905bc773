// Runs a program for credentials, like client-go's exec authenticator, and caches them until shortly before
// they expire.
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

// The program runs in the thread of the call that needs it, for at most 30 s, and never after the call's
// deadline or stop. Meanwhile other calls wait for its result, each until its own deadline or stop.
// - It runs again 30 s before its credential expires, or a fifth of the credential's life if that is less.
// - It runs again after a 401, unless the credential is less than 10 s old: a plugin whose credentials the
//   API server always rejects would otherwise run for each call.
// - After a failure it does not run for 5 s. A credential that is still valid stays in use.
// - Its stderr is dropped, because it may contain a credential.
//
// Safe to use from several threads.
class ExecPlugin {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  using Run = std::function<Result<Output>(const Command&, const std::stop_token&, Instant)>;

  // `config` must have an exec. `clock` must outlive this.
  ExecPlugin(const Config& config, const Clock& clock, Run run = runProcess);

  // Fails with Unauthorized if the plugin failed and no valid credential is left, and with Cancelled or
  // Timeout if the call ended first.
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
  Instant takenAt_{};  // when current_ was obtained, by the monotonic clock
  Time refreshAt_{};   // set if current_ expires
  std::optional<Error> failure_;
  Instant failedAt_{};
};

}  // namespace errand::kube
