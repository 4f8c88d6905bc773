#include "core/kube/auth/execplugin.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "core/base/log.hpp"

namespace errand::kube {
namespace {

constexpr Seconds kLongestRun{30};
constexpr Seconds kMargin{30};
constexpr Seconds kBetweenRefusals{10};
constexpr Seconds kAfterFailure{5};

std::vector<std::string> ownEnvironment() {
  std::vector<std::string> out;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable)
    out.emplace_back(*variable);
  return out;
}

bool callIsOver(const Error& error, const std::stop_token& stop, ExecPlugin::Instant deadline) {
  return error.kind == ErrorKind::Cancelled || stop.stop_requested() ||
         (error.kind == ErrorKind::Timeout && std::chrono::steady_clock::now() >= deadline);
}

}  // namespace

ExecPlugin::ExecPlugin(const Config& config, const Clock& clock, Run run)
    : spec_(*config.exec),
      command_(execCommand(config, ownEnvironment())),
      clock_(clock),
      run_(std::move(run)) {}

bool ExecPlugin::fresh() const {
  return current_ != nullptr && !refused_ && (!current_->expires || clock_.now() < refreshAt_);
}

Result<std::shared_ptr<const ExecCredential>> ExecPlugin::ask(const std::stop_token& stop,
                                                              Instant deadline) const {
  auto output = run_(command_, stop, std::min(deadline, std::chrono::steady_clock::now() + kLongestRun));
  if (!output) {
    Error error = std::move(output.error());
    if (error.kind == ErrorKind::NotFound && !spec_.installHint.empty())
      error.message += ": " + spec_.installHint;
    return std::unexpected(std::move(error).in("user.exec"));
  }
  if (output->status != 0)
    return fail(ErrorKind::Unauthorized,
                fmt::format("user.exec: {} ended with status {}: run it by hand to see what it says",
                            spec_.command, output->status));
  auto credential = parseExecCredential(output->out, spec_.apiVersion);
  if (!credential)
    return std::unexpected(std::move(credential.error()).in(fmt::format("user.exec: {}", spec_.command)));
  if (credential->expires && *credential->expires <= clock_.now())
    return fail(ErrorKind::Unauthorized,
                fmt::format("user.exec: {} gave a credential that has expired", spec_.command));
  return std::make_shared<const ExecCredential>(std::move(*credential));
}

Result<std::shared_ptr<const ExecCredential>> ExecPlugin::get(const std::stop_token& stop, Instant deadline) {
  std::unique_lock lock(mutex_);
  if (!asked_.wait_until(lock, stop, deadline, [this] { return !asking_ || fresh(); }))
    return stop.stop_requested()
               ? fail(ErrorKind::Cancelled, "stopped while waiting for the credential plugin")
               : fail(ErrorKind::Timeout, "no answer from the credential plugin in time");
  if (fresh()) return current_;
  const bool usable = current_ != nullptr && !refused_ && clock_.now() < *current_->expires;
  if (failure_ && clock_.monotonic() - failedAt_ < kAfterFailure) {
    if (usable) return current_;
    return std::unexpected(*failure_);
  }
  asking_ = true;
  lock.unlock();
  auto answer = ask(stop, deadline);
  lock.lock();
  asking_ = false;
  asked_.notify_all();
  if (answer) {
    current_ = *answer;
    takenAt_ = clock_.monotonic();
    refused_ = false;
    failure_.reset();
    if (current_->expires)
      refreshAt_ = *current_->expires - std::min<Millis>(kMargin, (*current_->expires - clock_.now()) / 5);
    return current_;
  }
  if (callIsOver(answer.error(), stop, deadline)) return answer;
  failure_ = answer.error();
  failure_->kind = ErrorKind::Unauthorized;
  failedAt_ = clock_.monotonic();
  if (!usable) return std::unexpected(*failure_);
  log::warn("credential plugin failed, using its last credential", {{"error", failure_->message}});
  return current_;
}

void ExecPlugin::refused() {
  const std::lock_guard lock(mutex_);
  if (current_ != nullptr && clock_.monotonic() - takenAt_ >= kBetweenRefusals) refused_ = true;
}

}  // namespace errand::kube
