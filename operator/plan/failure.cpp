#include "operator/plan/failure.hpp"

#include <fmt/format.h>

#include "operator/plan/lifecycle/report.hpp"

namespace errand::plan {
namespace {

using api::Phase;

// True for a permanent refusal (RBAC, validation, admission), as opposed to an outage. A webhook that never
// answers looks like an outage. An error that lasts therefore counts as a refusal.
bool isRefused(const Error& error, Time endedAt, Time now) {
  constexpr Seconds kPasses{15};
  return error.kind == ErrorKind::Forbidden || error.kind == ErrorKind::Invalid ||
         error.kind == ErrorKind::Conflict || now - endedAt >= kPasses;
}

// Returns what the reader can do. The message of a denial by RBAC names the verb on the resource. Every other
// refusal comes from an admission webhook or policy.
std::string wayOut(const Error& error, const std::string& ns) {
  if (error.message.find("cannot delete resource") != std::string::npos ||
      error.message.find("cannot patch resource") != std::string::npos)
    return fmt::format(
        "the operator needs the RoleBinding errand-operator in namespace {} (manifests/namespace)", ns);
  return "let the operator's account pass whatever refuses it";
}

}  // namespace

void reportRunNotEnded(api::TaskGrantStatus& status, const Observed& o, const EndRun& run, const Error& error,
                       Time now) {
  if (!isRefused(error, status.endedAt.value_or(now), now)) return;
  reportRunsOn(
      status, o,
      fmt::format("{} {} cannot be ended, so connections that it has opened may go on; {}, or delete "
                  "it: {}",
                  run.resource.kind, run.name, wayOut(error, o.grant->meta.ns), error.message),
      now);
}

api::TaskGrantStatus afterFailure(const Observed& o, const Action& action, const Error& error, Time now) {
  api::TaskGrantStatus status = baseStatus(o);
  if (status.phase && isTerminal(*status.phase)) {
    if (const auto* run = std::get_if<EndRun>(&action)) {
      reportRunNotEnded(status, o, *run, error, now);
      return status;
    }
    if (!isRefused(error, status.endedAt.value_or(now), now)) return status;
    const std::string way = wayOut(error, o.grant->meta.ns) + ": " + error.message;
    if (const auto* removal = std::get_if<Delete>(&action))
      reportBlocked(status, o,
                    fmt::format("{} {} cannot be deleted, so its rights may still hold; {}",
                                removal->resource.kind, removal->name, way),
                    now);
    return status;
  }
  const auto stalled = [&](Reason reason, std::string message) {
    reportStalled(status, o, reason, std::move(message), now);
    return status;
  };
  if (const auto* create = std::get_if<CreateBinding>(&action);
      create != nullptr && error.kind == ErrorKind::Forbidden)
    return stalled(
        Reason::MayNotBind,
        fmt::format("{}: the operator may not bind {} \"{}\"; grant its account the verb bind on it ({})",
                    create->path, create->binding.role.kind, create->binding.role.name, error.message));
  // ErrorKind::Conflict is not reported: another write came first, and the next plan sees it.
  if (error.kind == ErrorKind::AlreadyExists) return stalled(Reason::Conflict, error.message);
  if (error.kind == ErrorKind::Forbidden) return stalled(Reason::Forbidden, error.message);
  if (error.kind == ErrorKind::Invalid) return stalled(Reason::Invalid, error.message);
  if (!status.phase) reportWaiting(status, o, Phase::Pending, Reason::Retrying, error.message, now);
  return status;
}

}  // namespace errand::plan
