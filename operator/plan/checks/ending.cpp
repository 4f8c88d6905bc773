#include "operator/plan/checks/ending.hpp"

#include <fmt/format.h>

#include "operator/plan/checks/check.hpp"
#include "operator/plan/checks/derived.hpp"
#include "operator/plan/checks/request.hpp"
#include "operator/plan/checks/scope.hpp"
#include "operator/plan/checks/standing.hpp"

namespace errand::plan {
namespace {

using api::Phase;

std::optional<Ending> byWorkload(const Observed& o, const std::optional<Start>& start) {
  const auto& w = o.grant->spec.workload;
  const std::string what = fmt::format("{} {}", api::toString(w.kind), w.name);
  const bool absent = !o.workload || (start && o.workload->uid != start->workloadUid);
  if (start && absent)
    return Ending{Phase::Failed, Reason::WorkloadDeleted,
                  what + " was deleted before the operator saw its result, which is not known"};
  // A Job with ttlSecondsAfterFinished: 0 is deleted as soon as it has finished.
  const bool finished = !absent && (o.workload->complete || o.workload->failed);
  if (start && o.workload->deleting && !finished)
    return Ending{Phase::Failed, Reason::WorkloadDeleted, what + " was deleted before it finished"};
  if (absent || (!start && o.workload->deleting)) return std::nullopt;
  if (o.workload->complete)
    return Ending{Phase::Completed, Reason::WorkloadComplete, what + " has completed"};
  if (o.workload->failed)
    return Ending{
        Phase::Failed, Reason::WorkloadFailed,
        o.workload->message.empty() ? what + " has failed" : what + " has failed: " + o.workload->message};
  return std::nullopt;
}

Ending revoked(Reason because, std::string message) { return {Phase::Revoked, because, std::move(message)}; }

// Before the guards were in force, any user with the right to write statuses may have forged this one.
std::optional<Ending> byGuards(const Observed& o) {
  const auto& since = o.guards.since;
  if (!since || o.grant->meta.creationTimestamp.value_or(Time{}) >= *since) return std::nullopt;
  return Ending{wasAccepted(*o.grant) ? Phase::Revoked : Phase::Denied, Reason::GuardsInterrupted,
                fmt::format("the grant was created before {}, since when the policies hold that its status "
                            "depends on; create another grant",
                            formatTime(*since))};
}

// A started grant must keep the scope that was approved, or seen at its start.
std::optional<Ending> byDrift(const Observed& o) {
  const auto pinned = pinnedScope(*o.grant);
  if (!pinned) return std::nullopt;
  if (auto what = drift(*pinned, o))
    return revoked(Reason::ScopeChanged, *what + " while the grant was Active; create another grant");
  return std::nullopt;
}

std::optional<Ending> whileStarted(const Observed& o, const Start& start, Time now) {
  if (auto ending = byWorkload(o, start)) return ending;
  if (auto ending = policy::endedWhileStarted(o, start, now)) return ending;
  if (auto ending = byGuards(o)) return ending;
  if (auto ending = revokedRequest(o)) return ending;
  if (auto problems = leaseProblems(o); !problems.empty())
    return revoked(Reason::LeaseWithdrawn, problems.front().message);
  if (auto problems = standingProblems(o); !problems.empty())
    return revoked(Reason::StandingBinding, problems.front().message);
  if (auto problems = dangerProblems(o); !problems.empty())
    return revoked(Reason::DangerousRole, problems.front().message);
  // An earlier version recorded no enforcement. A grant that it started may serve pods that are older than
  // the first record.
  const bool startedUnder = start.at >= countsFrom(o).value_or(Time::max());
  if (auto problems = mountProblems(o); startedUnder && !problems.empty())
    return revoked(Reason::SlotMounted, problems.front().message);
  // The account was created before or with the start, and must stay.
  if (!hasItsAccount(o))
    return revoked(Reason::CredentialsLost, "the grant's ServiceAccount was deleted or replaced");
  return byDrift(o);
}

std::optional<Ending> whileWaiting(const Observed& o, const Settings& settings, Time now) {
  const api::TaskGrant& grant = *o.grant;
  const Time created = grant.meta.creationTimestamp.value_or(now);
  if (grant.spec.window.notAfter && now >= *grant.spec.window.notAfter)
    return Ending{Phase::Expired, Reason::NotStartedInTime,
                  fmt::format("it had not started by spec.window.notAfter ({})",
                              formatTime(*grant.spec.window.notAfter))};
  if (toolClassOf(o) != nullptr && approvalsNeeded(o) > 0 && now >= created + settings.approvalTimeout)
    return Ending{Phase::Denied, Reason::ApprovalTimeout,
                  fmt::format("nobody approved it within {}", formatDuration(settings.approvalTimeout))};
  if (auto ending = deniedRequest(o)) return ending;
  if (auto ending = byGuards(o)) return ending;
  if (const auto& from = grant.spec.window.notBefore; from && *from >= created + settings.maxRequestAge)
    return Ending{Phase::Denied, Reason::RequestTooOld,
                  fmt::format("spec.window.notBefore lies {} or more after its creation, and no grant starts "
                              "that long after it was asked for; create it nearer to its start",
                              formatDuration(settings.maxRequestAge))};
  if (now >= created + settings.maxRequestAge)
    return Ending{Phase::Denied, Reason::RequestTooOld,
                  fmt::format("it had not started {} after its creation, and who asked may have other groups "
                              "by now; create another grant",
                              formatDuration(settings.maxRequestAge))};
  if (auto ending = policy::endedByParent(o, now)) return ending;
  if (auto ending = policy::endedBySwitch(o, now)) return ending;
  if (wasAccepted(grant))
    if (const auto problems = policy::ceilingProblems(o); !problems.empty())
      return revoked(Reason::CeilingLowered, problems.front().message);
  return byWorkload(o, std::nullopt);
}

}  // namespace

std::optional<Ending> endingOf(const Observed& o, const Settings& settings, Time now) {
  if (auto ending = policy::endedByRequest(o)) return ending;
  if (const auto start = startOf(*o.grant, now)) return whileStarted(o, *start, now);
  return whileWaiting(o, settings, now);
}

}  // namespace errand::plan
