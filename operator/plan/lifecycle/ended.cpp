// Plans the steps after the end: delete the rights, then the Secret, then the account. Then prove that the
// API server rejects the last token, and release the grant.
#include <algorithm>

#include "operator/plan/checks/runs.hpp"
#include "operator/plan/lifecycle/report.hpp"
#include "operator/plan/lifecycle/steps.hpp"

namespace errand::plan {
namespace {

// True if something is left to revoke.
bool withdraw(Plan& p, const Observed& o) {
  const api::TaskGrant& grant = *o.grant;
  const bool bestEffort = o.ns.terminating;
  const auto remove = [&](const api::Resource& resource, const api::ObjectMeta& meta,
                          bool keepToken = false) {
    p.actions.push_back(Delete{resource, meta.name, meta.uid, keepToken, bestEffort});
  };
  // Bindings of child grants go before those of this grant. The plans of the children do the rest.
  for (const Descendant& d : o.descendants)
    for (const auto& binding : d.bindings)
      if (mayRevoke(*binding, *d.grant)) remove(api::kRoleBindings, binding->meta);
  for (const auto& binding : o.bindings)
    if (mayRevoke(*binding, grant)) remove(api::kRoleBindings, binding->meta);
  if (o.slotSecret && mayRevoke(o.slotSecret->meta, grant))
    remove(api::kSecrets, o.slotSecret->meta, /*keepToken=*/!o.proof.tokenHeld);
  for (const auto& copy : o.leaseCopies)
    if (mayRevokeCopy(*copy, grant)) remove(api::kSecrets, copy->meta);
  // Only the operator creates accounts of that name. Only a token of the grant's own account proves
  // something.
  if (o.account) {
    if (everStarted(grant) && hasItsAccount(o) && grant.spec.delivery == api::DeliveryMode::Projected &&
        !o.proof.tokenHeld)
      p.actions.push_back(MintProbe{o.account->meta.name});
    remove(api::kServiceAccounts, o.account->meta);
  }
  return !p.actions.empty();
}

// The moment after which no token of the grant can be valid, whatever happened to this process.
Time lastValidity(const Observed& o, const Settings& settings) {
  const api::TaskGrantStatus& status = o.grant->status;
  const auto& access = o.grant->spec.access;
  if (!access.grantsRoles() && access.audiences.empty()) return Time{};  // no token was ever asked for
  const Time requested = status.revocation.requestedAt.value_or(status.endedAt.value_or(Time{}));
  if (o.grant->spec.delivery == api::DeliveryMode::Projected) return requested + settings.minTokenLife;
  Time last = status.credentials.empty() ? requested + settings.maxTokenLife : Time{};
  for (const api::Credential& c : status.credentials)
    last = std::max(last, c.expiresAt.value_or(requested + settings.maxTokenLife));
  return last;
}

// True once nothing more is to be proven.
bool prove(Plan& p, const Observed& o, const Settings& settings, Time now) {
  const auto& revocation = o.grant->status.revocation;
  if (!revocation.requestedAt || revocation.confirmedAt) return true;
  const auto confirmed = [&](std::string_view by) {
    reportConfirmed(p.status, o.proof, by, o.grant->meta.generation, now);
    p.events.push_back({false, Reason::Revoked, "Revoke",
                        by == "TokenReview" ? "The API server refuses the grant's last token"
                                            : "Every token of the grant has expired"});
    requeueAt(p, now, now);
    return false;
  };
  if (o.proof.tokenHeld && o.proof.refusedSince && now - *o.proof.refusedSince >= settings.proofFor)
    return confirmed("TokenReview");
  const Time expiry = lastValidity(o, settings) + settings.expiryLeeway;
  if (now >= expiry) return confirmed("Expiry");
  if (o.proof.tokenHeld) {
    p.actions.push_back(ReviewToken{});
    requeueAt(p, now + settings.proofEvery, now);
  } else {
    requeueAt(p, expiry, now);
  }
  return false;
}

// Releases the grant once nothing is left to prove. The sweep does not cover pods and Jobs, so the grant
// stays until they have been ended.
void letGo(Plan& p, const Observed& o, const Settings& settings, Time now) {
  const api::TaskGrant& grant = *o.grant;
  if (grant.meta.deletionTimestamp) {
    if (grant.meta.hasFinalizer(api::kFinalizer)) p.actions.push_back(RemoveFinalizer{});
    return;
  }
  const Seconds kept = std::max(Seconds{grant.spec.ttlSecondsAfterFinished}, settings.keepRecords);
  const Time forget = grant.status.endedAt.value_or(now) + kept;
  if (now >= forget)
    p.actions.push_back(DeleteGrant{});
  else
    requeueAt(p, forget, now);
}

}  // namespace

void planEnded(Plan& p, const Observed& o, const Settings& settings, Time now) {
  const api::TaskGrant& grant = *o.grant;
  const bool left = withdraw(p, o);
  std::vector<EndRun> runs = runsToEnd(o);
  // The status is valid once the revocation has succeeded, so nothing blocks it by then.
  reportUnblocked(p.status, o, runs.empty(), now);
  reportPods(p.status, o);
  if (o.ns.terminating && grant.meta.deletionTimestamp) {
    // Deleting the namespace deletes the account, and so invalidates every token. The deletion must not wait
    // for a proof.
    if (grant.meta.hasFinalizer(api::kFinalizer)) p.actions.push_back(RemoveFinalizer{});
    return;
  }
  if (left)
    requeueAt(p, now, now);
  else if (prove(p, o, settings, now) && runs.empty())
    letGo(p, o, settings, now);
  if (runs.empty()) return;
  // Ending runs comes last, because no action above may wait for it. Each plan repeats it until it succeeds.
  for (EndRun& run : runs) p.actions.push_back(std::move(run));
  requeueAt(p, now + settings.recheck, now);
}

}  // namespace errand::plan
