// Before the start: checks, the account without rights, the order of waiting.
#include <fmt/format.h>

#include <algorithm>

#include "operator/plan/judge/check.hpp"
#include "operator/plan/judge/parent.hpp"
#include "operator/plan/judge/scope.hpp"
#include "operator/plan/life/report.hpp"
#include "operator/plan/life/steps.hpp"

namespace errand::plan {
namespace {

using api::Phase;

// What of the spec keeps it from starting at this moment though nothing is wrong.
struct Wait {
  Phase phase;
  std::string reason, message;
  std::optional<Time> until;
};

std::optional<Wait> waitsForTurn(const Observed& o) {
  const api::TaskGrant& grant = *o.grant;
  const api::ToolClass& c = *toolClassOf(o);
  if (grant.spec.delivery == api::DeliveryMode::Slot && o.slotSecret && !isOurs(o.slotSecret->meta, grant))
    return Wait{Phase::Pending,
                "SlotTaken",
                fmt::format("the slot {} is taken by grant {}; this grant is next when that one ends",
                            c.slotSecretName, o.slotSecret->meta.label(api::kGrantLabel)),
                {}};
  if (grant.spec.delivery == api::DeliveryMode::Slot && !o.siblings.firstForSlot.empty())
    return Wait{Phase::Pending,
                "SlotTaken",
                fmt::format("grant {} came first for the slot {}", o.siblings.firstForSlot, c.slotSecretName),
                {}};
  const auto& [started, earlier, forSlot] = o.siblings;
  if (started + earlier >= c.maxActiveGrants)
    return Wait{
        Phase::Pending,
        "WaitingForTurn",
        fmt::format("{} of at most {} grants of tool class {} are active; this one is number {} in line",
                    started, c.maxActiveGrants, c.name, earlier + 1),
        {}};
  return std::nullopt;
}

std::optional<Wait> waitsFor(const Observed& o, const Settings& settings, Time now) {
  const api::TaskGrant& grant = *o.grant;
  if (const auto needed = approvalsNeeded(o); needed > 0) {
    const Time deadline = grant.meta.creationTimestamp.value_or(now) + settings.approvalTimeout;
    return Wait{Phase::AwaitingApproval, "AwaitingApproval",
                fmt::format("{} approval(s) are needed before {}", needed, formatTime(deadline)), deadline};
  }
  if (grant.spec.parent && !parentRuns(o, now))
    return Wait{Phase::Pending,
                "WaitingForParent",
                fmt::format("spec.parentRef: grant {} is not Active yet", grant.spec.parent->name),
                {}};
  if (grant.spec.window.notBefore && now < *grant.spec.window.notBefore)
    return Wait{
        Phase::Scheduled, "Scheduled",
        fmt::format("it starts at spec.window.notBefore ({})", formatTime(*grant.spec.window.notBefore)),
        grant.spec.window.notBefore};
  if (!o.workload || o.workload->deleting)
    return Wait{Phase::Pending,
                "WaitingForWorkload",
                fmt::format("spec.workload: {} {} does not exist yet",
                            api::toString(grant.spec.workload.kind), grant.spec.workload.name),
                {}};
  return waitsForTurn(o);
}

// What a start that was broken off has left: nothing is bound or leased while a grant waits.
void withdraw(Plan& p, const Observed& o) {
  for (const auto& binding : o.bindings)
    if (mayWithdraw(*binding, *o.grant))
      p.actions.push_back(Delete{api::kRoleBindings, binding->meta.name, binding->meta.uid});
  for (const auto& copy : o.leaseCopies)
    if (mayWithdrawCopy(*copy, *o.grant))
      p.actions.push_back(Delete{api::kSecrets, copy->meta.name, copy->meta.uid});
}

bool rolesRead(const Observed& o) {
  return o.roles.size() == wantedRoles(o.grant->spec).size() &&
         std::ranges::all_of(o.roles, &RoleFact::known);
}

std::string approvalsNote(const Observed& o) {
  return approvalsNeeded(o) > 0 ? "; it must be approved as it is" : "; the grant is for what is there";
}

void sayDrift(Plan& p, const Observed& o) {
  const auto pinned = pinnedScope(o);
  if (!pinned) return;
  const bool sameWorkload = o.account->meta.label(api::kWorkloadUidLabel) == o.workload->uid;
  const auto what = sameWorkload ? drift(*pinned, o)
                                 : std::optional(fmt::format("{} {} is another than was seen first",
                                                             api::toString(o.grant->spec.workload.kind),
                                                             o.grant->spec.workload.name));
  if (what) p.events.push_back({false, "ScopeChanged", "Reconcile", *what + approvalsNote(o)});
}

// Pins the scope where it is seen first. What has drifted since then is said and
// taken anew: nobody has rights yet, and an approval is for one scope alone.
void pin(Plan& p, const Observed& o) {
  if (!o.workload || o.workload->deleting || !rolesRead(o) || !o.account ||
      !isOurs(o.account->meta, *o.grant))
    return;
  const auto pinned = pinnedScope(o);
  const bool sameWorkload = o.account->meta.label(api::kWorkloadUidLabel) == o.workload->uid;
  const auto scope = effectiveOf(o);
  if (pinned && *pinned == scope && sameWorkload) return;
  p.actions.push_back(PinScope{o.account->meta.name, o.account->meta.uid, o.account->meta.resourceVersion,
                               o.workload->uid, scopeText(scope)});
  sayDrift(p, o);
}

}  // namespace

void planWaiting(Plan& p, const Observed& o, const Settings& settings, Time now) {
  const api::TaskGrant& grant = *o.grant;
  if (o.identity && o.identity->expiresAt) requeueAt(p, *o.identity->expiresAt, now);
  if (grant.spec.window.notAfter) requeueAt(p, *grant.spec.window.notAfter, now);

  if (const auto problems = startProblems(o, now); !problems.empty()) {
    std::string message;
    for (const Problem& problem : problems)
      message.append(message.empty() ? "" : "; ").append(problem.message);
    reportStalled(p.status, o, problems.front().reason, message, now);
    withdraw(p, o);
    requeueAt(p, now + settings.recheck, now);
    return;
  }

  if (!o.request.judged || !o.request.seal) {
    reportWaiting(p.status, o, Phase::Pending, "CheckingRequest",
                  "the keys that show who asked are being read", now);
    withdraw(p, o);
    return requeueAt(p, now + settings.proofEvery / 4, now);
  }

  const std::string account = api::grantAccountName(grant.meta.uid);
  if (!o.account) {
    api::ObjectMeta meta = ownedMeta(grant, account);
    meta.labels.insert_or_assign(std::string(api::kIdentityUidLabel), o.identity->meta.uid);
    if (grant.spec.parent)
      meta.labels.insert_or_assign(std::string(kParentUidLabel), o.ancestors.front().grant->meta.uid);
    meta.labels.insert_or_assign(std::string(api::kSealNonceLabel), o.request.seal->nonce);
    p.events.push_back(
        {false, "Accepted", "Reconcile", fmt::format("asked for by {}", o.request.seal->requester.user)});
    p.actions.push_back(CreateAccount{{std::move(meta), false}});
  }
  p.status.serviceAccountName = account;
  if (!o.workload)
    p.status.workload = {};  // the next of that name is seen as the first was: nobody has rights yet
  if (rolesRead(o)) reportScope(p.status, o);

  if (const auto wait = waitsFor(o, settings, now)) {
    reportWaiting(p.status, o, wait->phase, wait->reason, wait->message, now);
    withdraw(p, o);
    pin(p, o);
    if (wait->until) requeueAt(p, *wait->until, now);
    return;
  }
  reportWaiting(p.status, o, Phase::Pending, "Starting", "the grant is starting", now);
  if (!rolesRead(o) || !o.request.may) return requeueAt(p, now + settings.proofEvery, now);
  if (!o.account) return requeueAt(p, now, now);  // the start needs its uid

  // Bindings before the mark: the window does not run while the operator may not
  // bind. They give rights to an account of which no token exists yet.
  // Sources that cannot be leased are found out here, too.
  addBindings(p, o);
  addLeases(p, o);
  if (grant.spec.delivery == api::DeliveryMode::Slot)
    for (const std::string& source : grant.spec.access.secrets) p.actions.push_back(CheckLease{source});
  sayDrift(p, o);
  const Time startedAt = std::chrono::floor<Seconds>(now);
  p.actions.push_back(MarkStarted{account, o.account->meta.uid, o.account->meta.resourceVersion,
                                  o.workload->uid, startedAt, scopeText(effectiveOf(o))});
  planActive(p, o, Start{startedAt, o.workload->uid}, settings, now);
}

}  // namespace errand::plan
