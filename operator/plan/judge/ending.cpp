#include "operator/plan/judge/ending.hpp"

#include <fmt/format.h>

#include "operator/plan/judge/check.hpp"
#include "operator/plan/judge/facts.hpp"
#include "operator/plan/judge/parent.hpp"
#include "operator/plan/judge/request.hpp"
#include "operator/plan/judge/scope.hpp"

namespace errand::plan {
namespace {

using api::Phase;

std::optional<Ending> byWorkload(const Observed& o, const std::optional<Start>& start) {
  const auto& w = o.grant->spec.workload;
  const std::string what = fmt::format("{} {}", api::toString(w.kind), w.name);
  const bool gone = !o.workload || o.workload->deleting || (start && o.workload->uid != start->workloadUid);
  if (start && gone) return Ending{Phase::Failed, "WorkloadDeleted", what + " was deleted"};
  if (gone) return std::nullopt;
  if (o.workload->complete) return Ending{Phase::Completed, "WorkloadComplete", what + " has completed"};
  if (o.workload->failed)
    return Ending{
        Phase::Failed, "WorkloadFailed",
        o.workload->message.empty() ? what + " has failed" : what + " has failed: " + o.workload->message};
  return std::nullopt;
}

Ending revoked(std::string because, std::string message) {
  return {Phase::Revoked, std::move(because), std::move(message)};
}

// What ends every grant that it concerns, whether or not the grant has started.
std::optional<Ending> bySwitch(const Observed& o, Time now) {
  if (o.ns.terminating) return revoked("NamespaceTerminating", "the namespace is being deleted");
  if (o.ns.suspended)
    return revoked(
        "NamespaceSuspended",
        "the namespace is labelled errand.dev/suspended; create another grant once the label is gone");
  if (wasAccepted(o) && !o.ns.enforced)
    return revoked("NamespaceNotEnforced", "the namespace is no longer at errand.dev/enforce=true");
  const auto problem = identityProblem(o, now);
  if (!problem) return std::nullopt;
  // What is missing may have been applied a moment later than the grant: only what a grant
  // was accepted under can be taken away from it.
  const bool said = problem->reason == "IdentitySuspended" || problem->reason == "IdentityExpired";
  if (said || wasAccepted(o)) return revoked(problem->reason, problem->message);
  return std::nullopt;
}

std::optional<Ending> byCeiling(const Observed& o) {
  const auto problems = ceilingProblems(o);
  if (problems.empty()) return std::nullopt;
  return revoked("CeilingLowered", problems.front().message);
}

// What was approved, or seen at the start, is what runs.
std::optional<Ending> byDrift(const Observed& o) {
  const auto pinned = pinnedScope(o);
  if (!pinned)
    return revoked("ScopeChanged", "the record of the grant's scope was taken off its ServiceAccount");
  if (auto what = drift(*pinned, o))
    return revoked("ScopeChanged", *what + " while the grant was Active; create another grant");
  return std::nullopt;
}

std::optional<Ending> whileStarted(const Observed& o, const std::optional<Start>& start, Time now) {
  if (auto ending = byWorkload(o, start)) return ending;
  if (auto ending = endingByParent(o, now)) return ending;
  if (start && now >= windowEnd(o, *start))
    return Ending{Phase::Expired, "WindowClosed",
                  fmt::format("the window of {} closed at {}", formatDuration(o.grant->spec.window.duration),
                              formatTime(windowEnd(o, *start)))};
  if (auto ending = bySwitch(o, now)) return ending;
  if (auto ending = byCeiling(o)) return ending;
  if (auto problems = leaseProblems(o); !problems.empty())
    return revoked("LeaseWithdrawn", problems.front().message);
  if (!start) return revoked("CredentialsLost", "the grant's ServiceAccount was deleted or replaced");
  return byDrift(o);
}

std::optional<Ending> whileWaiting(const Observed& o, const Settings& settings, Time now) {
  const api::TaskGrant& grant = *o.grant;
  if (grant.spec.window.notAfter && now >= *grant.spec.window.notAfter)
    return Ending{Phase::Expired, "NotStartedInTime",
                  fmt::format("it had not started by spec.window.notAfter ({})",
                              formatTime(*grant.spec.window.notAfter))};
  if (toolClassOf(o) != nullptr && approvalsNeeded(o) > 0 && grant.meta.creationTimestamp &&
      now >= *grant.meta.creationTimestamp + settings.approvalTimeout)
    return Ending{Phase::Denied, "ApprovalTimeout",
                  fmt::format("nobody approved it within {}", formatDuration(settings.approvalTimeout))};
  if (auto ending = deniedRequest(o)) return ending;
  if (auto ending = endingByParent(o, now)) return ending;
  if (auto ending = bySwitch(o, now)) return ending;
  if (wasAccepted(o))
    if (auto ending = byCeiling(o)) return ending;
  return byWorkload(o, std::nullopt);
}

}  // namespace

std::optional<Ending> endingOf(const Observed& o, const Settings& settings, Time now) {
  if (o.grant->meta.deletionTimestamp) return Ending{Phase::Revoked, "Deleted", "the grant was deleted"};
  if (o.grant->spec.revokeReason)
    return Ending{Phase::Revoked, "RevokeRequested", "revoked: " + *o.grant->spec.revokeReason};
  if (everStarted(o)) return whileStarted(o, startOf(o, now), now);
  return whileWaiting(o, settings, now);
}

}  // namespace errand::plan
