#include "operator/plan/lifecycle/ended.hpp"

#include <algorithm>

#include "operator/plan/checks/derived.hpp"
#include "operator/plan/checks/runs.hpp"
#include "operator/plan/lifecycle/report.hpp"

namespace errand::plan {
namespace {

// Returns true if something is left to revoke.
bool withdraw(Plan& p, const Observed& o) {
  const api::TaskGrant& grant = *o.grant;
  const bool bestEffort = o.ns.terminating;
  const auto removal = [&](const api::Resource& resource, const api::ObjectMeta& meta,
                           bool keepToken = false) {
    return Delete{resource, meta.name, meta.uid, keepToken, bestEffort};
  };
  // Deletes the bindings of child grants before those of this grant. The plans of the children
  // revoke the rest.
  for (const Descendant& d : o.descendants)
    for (const auto& binding : d.bindings)
      if (mayRevoke(*binding, *d.grant)) p.revokeRights.push_back(removal(api::kRoleBindings, binding->meta));
  for (const auto& binding : o.bindings)
    if (mayRevoke(*binding, grant)) p.revokeRights.push_back(removal(api::kRoleBindings, binding->meta));
  if (o.slotSecret && mayRevoke(o.slotSecret->meta, grant))
    p.revokeSecrets.push_back(removal(api::kSecrets, o.slotSecret->meta, /*keepToken=*/!o.proof.tokenHeld));
  for (const auto& copy : o.leaseCopies)
    if (mayRevokeCopy(*copy, grant)) p.revokeSecrets.push_back(removal(api::kSecrets, copy->meta));
  // A policy reserves these account names, so the account is deleted without a check of its owner. A probe
  // token is minted only for the grant's own account.
  if (o.account) {
    if (everStarted(grant) && hasItsAccount(o) && grant.spec.delivery == api::DeliveryMode::Projected &&
        !o.proof.tokenHeld)
      p.revokeAccounts.push_back(MintProbe{o.account->meta.name});
    p.revokeAccounts.push_back(removal(api::kServiceAccounts, o.account->meta));
  }
  return !p.revokeRights.empty() || !p.revokeSecrets.empty() || !p.revokeAccounts.empty();
}

// Returns the time after which no token of the grant is valid, even if this process has restarted meanwhile.
Time lastValidity(const Observed& o, const Settings& settings) {
  const api::TaskGrantStatus& status = o.grant->status;
  const auto& access = o.grant->spec.access;
  if (!access.grantsRoles() && access.audiences.empty()) return Time{};  // no token was requested
  const Time requested = status.revocation.requestedAt.value_or(status.endedAt.value_or(Time{}));
  if (o.grant->spec.delivery == api::DeliveryMode::Projected) return requested + settings.minTokenLife;
  Time last = status.credentials.empty() ? requested + settings.maxTokenLife : Time{};
  for (const api::Credential& c : status.credentials)
    last = std::max(last, c.expiresAt.value_or(requested + settings.maxTokenLife));
  return last;
}

// Returns true once nothing is left to prove.
bool prove(Plan& p, const Observed& o, const Settings& settings, Time now) {
  const auto& revocation = o.grant->status.revocation;
  if (!revocation.requestedAt || revocation.confirmedAt) return true;
  const auto confirmed = [&](std::string_view by) {
    reportConfirmed(p.status, o.proof, by, o.grant->meta.generation, now);
    p.events.push_back({false, Reason::RevocationConfirmed, "Revoke",
                        by == "TokenReview" ? "The API server refuses the grant's last token"
                                            : "Every token of the grant has expired"});
    p.requeueAt(now, now);
    return false;
  };
  if (o.proof.tokenHeld && o.proof.refusedSince && now - *o.proof.refusedSince >= settings.proofFor)
    return confirmed("TokenReview");
  const Time expiry = lastValidity(o, settings) + settings.expiryLeeway;
  if (now >= expiry) return confirmed("Expiry");
  if (o.proof.tokenHeld) {
    p.bookkeeping.push_back(ReviewToken{});
    p.requeueAt(now + settings.proofEvery, now);
  } else {
    p.requeueAt(expiry, now);
  }
  return false;
}

// Releases the grant once nothing is left to prove: the record that stays holds up no deletion, not even
// after the operator is gone. The sweep does not cover pods and Jobs, so the finalizer stays until they have
// been ended.
void letGo(Plan& p, const Observed& o, const Settings& settings, Time now) {
  const api::TaskGrant& grant = *o.grant;
  if (grant.meta.hasFinalizer(api::kFinalizer)) p.bookkeeping.push_back(RemoveFinalizer{});
  if (grant.meta.deletionTimestamp) return;
  const Seconds kept = std::max(Seconds{grant.spec.ttlSecondsAfterFinished}, settings.keepRecords);
  const Time forget = grant.status.endedAt.value_or(now) + kept;
  if (now >= forget)
    p.bookkeeping.push_back(DeleteGrant{});
  else
    p.requeueAt(forget, now);
}

}  // namespace

void planEnded(Plan& p, const Observed& o, const Settings& settings, Time now) {
  const api::TaskGrant& grant = *o.grant;
  const bool left = withdraw(p, o);
  // Each plan of an ended grant lists the runs that are not ending yet. The applier ends them last.
  p.endRuns = runsToEnd(o);
  // The status is stored only after the revocation has succeeded, so it clears the report of reportBlocked().
  reportUnblocked(p.status, o, p.endRuns.empty(), now);
  reportPods(p.status, o);
  if (o.ns.terminating && grant.meta.deletionTimestamp) {
    // Deleting the namespace deletes the account, and so invalidates every token. The deletion must not wait
    // for a proof.
    if (grant.meta.hasFinalizer(api::kFinalizer)) p.bookkeeping.push_back(RemoveFinalizer{});
    return;
  }
  if (left)
    p.requeueAt(now, now);
  else if (prove(p, o, settings, now) && p.endRuns.empty())
    letGo(p, o, settings, now);
  if (!p.endRuns.empty()) p.requeueAt(now + settings.recheck, now);
}

}  // namespace errand::plan
