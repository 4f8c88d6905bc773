#include "operator/plan/lifecycle/waiting.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "operator/plan/checks/check.hpp"
#include "operator/plan/checks/derived.hpp"
#include "operator/plan/checks/parent.hpp"
#include "operator/plan/checks/request.hpp"
#include "operator/plan/checks/scope.hpp"
#include "operator/plan/lifecycle/owned.hpp"
#include "operator/plan/lifecycle/report.hpp"

namespace errand::plan {
namespace {

using api::Phase;

// The reason why a valid grant cannot start yet, such as a missing approval or a full tool class.
struct Wait {
  Phase phase;
  Reason reason;
  std::string message;
  std::optional<Time> until;
};

std::optional<Wait> waitsForTurn(const Observed& o) {
  const api::TaskGrant& grant = *o.grant;
  const api::ToolClass& c = *toolClassOf(o);
  if (grant.spec.delivery == api::DeliveryMode::Slot && o.slotSecret && !isOurs(o.slotSecret->meta, grant))
    return Wait{Phase::Pending,
                Reason::SlotTaken,
                fmt::format("the slot {} is taken by grant {}; this grant is next when that one ends",
                            c.slotSecretName, o.slotSecret->meta.label(api::kGrantLabel)),
                {}};
  if (grant.spec.delivery == api::DeliveryMode::Slot && !o.siblings.firstForSlot.empty())
    return Wait{Phase::Pending,
                Reason::SlotTaken,
                fmt::format("grant {} came first for the slot {}", o.siblings.firstForSlot, c.slotSecretName),
                {}};
  const auto& [started, earlier, forSlot] = o.siblings;
  if (started + earlier >= c.maxActiveGrants)
    return Wait{
        Phase::Pending,
        Reason::WaitingForTurn,
        fmt::format("{} of at most {} grants of tool class {} are active; this one is number {} in line",
                    started, c.maxActiveGrants, c.name, earlier + 1),
        {}};
  return std::nullopt;
}

std::optional<Wait> waitsFor(const Observed& o, const Settings& settings, Time now) {
  const api::TaskGrant& grant = *o.grant;
  if (const auto needed = approvalsNeeded(o); needed > 0) {
    const Time deadline = grant.meta.creationTimestamp.value_or(now) + settings.approvalTimeout;
    return Wait{Phase::AwaitingApproval, Reason::AwaitingApproval,
                fmt::format("{} approval(s) are needed before {}", needed, formatTime(deadline)), deadline};
  }
  if (grant.spec.parent && !parentRuns(o, now))
    return Wait{Phase::Pending,
                Reason::WaitingForParent,
                fmt::format("spec.parentRef: grant {} is not Active yet", grant.spec.parent->name),
                {}};
  if (grant.spec.window.notBefore && now < *grant.spec.window.notBefore)
    return Wait{
        Phase::Scheduled, Reason::Scheduled,
        fmt::format("it starts at spec.window.notBefore ({})", formatTime(*grant.spec.window.notBefore)),
        grant.spec.window.notBefore};
  if (!o.workload || o.workload->deleting)
    return Wait{Phase::Pending,
                Reason::WaitingForWorkload,
                fmt::format("spec.workload: {} {} does not exist yet",
                            api::toString(grant.spec.workload.kind), grant.spec.workload.name),
                {}};
  if (o.workload->suspended)
    return Wait{Phase::Pending,
                Reason::WaitingForWorkload,
                fmt::format("spec.workload: Job {} is suspended; the window begins when it is resumed",
                            grant.spec.workload.name),
                {}};
  return waitsForTurn(o);
}

// The operator creates no binding and no copy while a grant waits. Another user has therefore created
// such an object.
void revokeEarly(Plan& p, const Observed& o) {
  for (const auto& binding : o.bindings)
    if (mayRevoke(*binding, *o.grant))
      p.revokeRights.push_back(Delete{api::kRoleBindings, binding->meta.name, binding->meta.uid});
  for (const auto& copy : o.leaseCopies)
    if (mayRevokeCopy(*copy, *o.grant))
      p.revokeSecrets.push_back(Delete{api::kSecrets, copy->meta.name, copy->meta.uid});
}

std::string approvalsNote(const Observed& o) {
  return approvalsNeeded(o) > 0 ? "; it must be approved as it is" : "; the grant is for what is there";
}

// Reports what has changed since the status was stored, and accepts the change: no rights exist yet, and an
// approval covers one scope only.
void reportDrift(Plan& p, const Observed& o) {
  const api::TaskGrantStatus& status = o.grant->status;
  const auto pinned = pinnedScope(*o.grant);
  if (!pinned || !o.workload || status.workload.uid.empty()) return;
  const auto what = status.workload.uid == o.workload->uid
                        ? drift(*pinned, o)
                        : std::optional(fmt::format("{} {} is another than was seen first",
                                                    api::toString(o.grant->spec.workload.kind),
                                                    o.grant->spec.workload.name));
  if (what) p.events.push_back({false, Reason::ScopeChanged, "Reconcile", *what + approvalsNote(o)});
}

// Waits until every API server applies the enforcement and the guards. Each API server learns of them
// with a delay.
std::optional<Wait> settles(const Observed& o, Time now) {
  const auto until = [](Reason reason, std::string what, Time since) {
    return Wait{Phase::Pending, reason, fmt::format("{} count from {} on", what, formatTime(since)), since};
  };
  if (!o.ns.enforcedSince)
    return Wait{Phase::Pending,
                Reason::EnforcementSettling,
                fmt::format("the operator has yet to write {} on namespace {}", api::kEnforcedSinceAnnotation,
                            o.grant->meta.ns),
                {}};
  if (!o.ns.rootCa.known)
    return Wait{Phase::Pending,
                Reason::EnforcementSettling,
                fmt::format("the ConfigMap kube-root-ca.crt of namespace {} has yet to be compared",
                            o.grant->meta.ns),
                {}};
  if (now < *o.ns.enforcedSince)
    return until(Reason::EnforcementSettling, "pods and workloads of the namespace", *o.ns.enforcedSince);
  if (o.guards.since && now < *o.guards.since)
    return until(Reason::GuardsSettling, "grants", *o.guards.since);
  return std::nullopt;
}

// Creates the grant's account. First deletes an account whose uid is not in the status: another user may have
// created it, or a run that crashed before it stored its status. The two cases look the same.
void addAccount(Plan& p, const Observed& o) {
  const api::TaskGrant& grant = *o.grant;
  const std::string name = api::grantAccountName(grant.meta.uid);
  p.status.serviceAccount.name = name;
  p.status.identityUid = o.identity->meta.uid;
  if (grant.spec.parent) p.status.parentUid = o.ancestors.front().grant->meta.uid;
  p.status.enforcedSince = o.ns.enforcedSince;
  if (hasItsAccount(o)) return;
  if (o.account)
    p.revokeAccounts.push_back(Delete{api::kServiceAccounts, name, o.account->meta.uid, false, false, true});
  p.status.serviceAccount.uid.clear();
  p.grant.push_back(CreateAccount{{ownedMeta(grant, name), false}});
  if (!wasAccepted(grant))
    p.events.push_back(
        {false, Reason::Accepted, "Reconcile", fmt::format("asked for by {}", requesterOf(o))});
}

bool everythingRead(const Observed& o) {
  return rolesKnown(o) && o.ownersKnown && o.standingKnown && o.request.mayRequest &&
         std::ranges::all_of(o.roles, [](const RoleFact& f) { return f.mayBind.has_value(); });
}

}  // namespace

void planWaiting(Plan& p, const Observed& o, const Settings& settings, Time now) {
  const api::TaskGrant& grant = *o.grant;
  if (o.identity && o.identity->expiresAt) p.requeueAt(*o.identity->expiresAt, now);
  if (grant.spec.window.notAfter) p.requeueAt(*grant.spec.window.notAfter, now);
  if (grant.meta.creationTimestamp) p.requeueAt(*grant.meta.creationTimestamp + settings.maxRequestAge, now);

  const auto waits = [&](Phase phase, Reason reason, std::string message) {
    p.ready = reason;
    reportWaiting(p.status, o, phase, reason, std::move(message), now);
  };
  const auto stall = [&](Reason reason, std::string message) {
    p.ready = reason;
    reportStalled(p.status, o, reason, std::move(message), now);
    revokeEarly(p, o);
    p.requeueAt(now + settings.recheck, now);
  };
  if (const auto problems = startProblems(o, now); !problems.empty()) {
    std::string message;
    for (const Problem& problem : problems)
      message.append(message.empty() ? "" : "; ").append(problem.message);
    return stall(problems.front().reason, std::move(message));
  }
  if (!o.guards.hold) return stall(Reason::GuardsNotInForce, o.guards.problem);
  if (!o.ns.rootCa.problem.empty()) return stall(Reason::RootCaDiffers, o.ns.rootCa.problem);

  if (!o.request.checked) {
    waits(Phase::Pending, Reason::Starting, "who asked has yet to be checked");
    return p.requeueAt(now + settings.proofEvery, now);
  }

  if (const auto wait = settles(o, now)) {
    waits(wait->phase, wait->reason, wait->message);
    revokeEarly(p, o);
    return p.requeueAt(wait->until.value_or(now + settings.recheck), now);
  }

  const auto wait = waitsFor(o, settings, now);
  // Checks that each source may be leased, before the account is created and the start is stored.
  if (!wait && everythingRead(o))
    for (const std::string& source : grant.spec.access.secrets) p.prepare.push_back(CheckLease{source});
  revokeEarly(p, o);
  addAccount(p, o);
  reportDrift(p, o);
  if (!o.workload)
    p.status.workload = {};  // no rights exist yet, so the next workload of that name counts as the first
  if (rolesKnown(o)) reportScope(p.status, o);

  if (wait) {
    waits(wait->phase, wait->reason, wait->message);
    if (wait->until) p.requeueAt(*wait->until, now);
    return;
  }
  waits(Phase::Pending, Reason::Starting, "the grant is starting");
  if (!everythingRead(o)) return p.requeueAt(now + settings.proofEvery, now);
  const Start start{std::chrono::floor<Seconds>(now), o.workload->uid};
  if (grant.spec.delivery == api::DeliveryMode::Slot) p.status.secretName = toolClassOf(o)->slotSecretName;
  reportStart(p.status, o, start.at, windowEnd(o, start), now);
  p.requeueAt(now, now);
}

}  // namespace errand::plan
