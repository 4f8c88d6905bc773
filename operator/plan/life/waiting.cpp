// Before the start: checks, the account without rights, the order of waiting.
#include <fmt/format.h>

#include <algorithm>

#include "operator/plan/judge/check.hpp"
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
        fmt::format("{} of at most {} grants of tool class {} are active{}", started, c.maxActiveGrants,
                    c.name, earlier > 0 ? fmt::format(" and {} came before this one", earlier) : ""),
        {}};
  return std::nullopt;
}

std::optional<Wait> waitsFor(const Observed& o, const Settings& settings, Time now) {
  const api::TaskGrant& grant = *o.grant;
  const api::ToolClass& c = *toolClassOf(o);
  if (c.approvalsRequired > 0) {
    const Time deadline = grant.meta.creationTimestamp.value_or(now) + settings.approvalTimeout;
    return Wait{Phase::AwaitingApproval, "AwaitingApproval",
                fmt::format("{} approval(s) are needed before {}", c.approvalsRequired, formatTime(deadline)),
                deadline};
  }
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

// What a start that was broken off has left: nothing is bound while a grant waits.
void withdrawBindings(Plan& p, const Observed& o) {
  for (const auto& binding : o.bindings)
    if (mayWithdraw(*binding, *o.grant))
      p.actions.push_back(Delete{api::kRoleBindings, binding->meta.name, binding->meta.uid});
}

bool rolesRead(const Observed& o) {
  return o.roles.size() == wantedRoles(o.grant->spec).size() &&
         std::ranges::all_of(o.roles, &RoleFact::known);
}

void recordEffective(api::TaskGrantStatus& status, const Observed& o) {
  status.effective = {};
  for (const RoleFact& f : o.roles)
    (f.role.kind == "Role" ? status.effective.roles : status.effective.clusterRoles)
        .push_back({f.role.name, f.rulesDigest});
  status.workload.uid = o.workload->uid;
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
    withdrawBindings(p, o);
    requeueAt(p, now + settings.recheck, now);
    return;
  }

  const std::string account = api::grantAccountName(grant.meta.uid);
  if (!o.account) {
    api::ObjectMeta meta = ownedMeta(grant, account);
    meta.labels.insert_or_assign(std::string(api::kIdentityUidLabel), o.identity->meta.uid);
    p.actions.push_back(CreateAccount{{std::move(meta), false}});
  }
  p.status.serviceAccountName = account;

  if (const auto wait = waitsFor(o, settings, now)) {
    reportWaiting(p.status, o, wait->phase, wait->reason, wait->message, now);
    withdrawBindings(p, o);
    if (wait->until) requeueAt(p, *wait->until, now);
    return;
  }
  reportWaiting(p.status, o, Phase::Pending, "Starting", "the grant is starting", now);
  if (!rolesRead(o)) return requeueAt(p, now + settings.proofEvery, now);
  if (!o.account) return requeueAt(p, now, now);  // the start needs its uid

  // Bindings before the mark: the window does not run while the operator may not
  // bind. They give rights to an account of which no token exists yet.
  addBindings(p, o);
  recordEffective(p.status, o);
  const Time startedAt = std::chrono::floor<Seconds>(now);
  p.actions.push_back(
      MarkStarted{account, o.account->meta.uid, o.account->meta.resourceVersion, o.workload->uid, startedAt});
  planActive(p, o, Start{startedAt, o.workload->uid}, settings, now);
}

}  // namespace errand::plan
