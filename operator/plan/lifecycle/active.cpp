#include "operator/plan/lifecycle/active.hpp"

#include <algorithm>

#include "core/base/crypto.hpp"
#include "core/policy/workloadpod.hpp"
#include "operator/plan/checks/scope.hpp"
#include "operator/plan/leases.hpp"
#include "operator/plan/lifecycle/owned.hpp"
#include "operator/plan/lifecycle/report.hpp"

namespace errand::plan {
namespace {

// Returns a time between 40 % and 50 % of the token's life. The grant's uid sets the difference, so that
// grants started together are not renewed together.
Time renewalOf(const api::Credential& c, std::string_view uid) {
  const Millis life = *c.expiresAt - *c.issuedAt;
  const int spread = std::stoi(sha256Hex(uid).substr(0, 4), nullptr, 16) % 1000;
  return *c.issuedAt + life / 2 - life * spread / 10000;
}

// Returns when the slot must be written again; `now` if the slot lacks a credential or holds
// an outdated lease.
Time renewalDue(const Observed& o, const FillSlot& fill, Time now) {
  const auto held = slotCredentials(o);
  const size_t wanted = fill.audiences.size() + (fill.apiToken ? 1 : 0);
  if (!o.slotSecret || o.slotSecret->meta.deletionTimestamp || held.size() < wanted) return now;
  if (o.slotSecret->meta.annotation(kLeasedAnnotation) != leasedVersions(o)) return now;
  Time due = Time::max();
  for (const api::Credential& c : held)
    due = c.issuedAt && c.expiresAt ? std::min(due, renewalOf(c, o.grant->meta.uid)) : now;
  return due;
}

void planSlot(Plan& p, const Observed& o, Time end, const Settings& settings, Time now) {
  const Seconds left = std::chrono::ceil<Seconds>(end - now);
  const FillSlot fill = fillSlot(o, std::clamp(left, settings.minTokenLife, settings.maxTokenLife), end);
  p.status.secretName = fill.secretName;
  p.status.credentials = slotCredentials(o);
  const Time due = renewalDue(o, fill, now);
  if (due <= now)
    p.grant.push_back(fill);
  else if (due < end)
    p.requeueAt(due, now);
}

bool isOfWorkload(const api::Pod& pod, const Observed& o) {
  return !policy::notOfWorkload(
      {pod.meta.name, pod.meta.uid, pod.meta.controller(), pod.meta.creationTimestamp}, *o.grant,
      countsFrom(o));
}

void liftGates(Plan& p, const Observed& o, Time end, Time now) {
  // Admission allows the whole window as a deadline, because it does not know when the pod starts. Every pod
  // passes this gate, even a replacement, so the deadline is lowered here to the rest of the window. It is
  // not lowered further, because a pod that fails before the window closes fails its Job.
  const std::int64_t left = std::max<std::int64_t>(1, std::chrono::ceil<Seconds>(end - now).count());
  for (const auto& pod : o.pods) {
    const auto gate = std::ranges::find(pod->schedulingGates, api::kSchedulingGate);
    if (gate == pod->schedulingGates.end() || pod->meta.deletionTimestamp) continue;
    if (pod->serviceAccountName != api::grantAccountName(o.grant->meta.uid)) continue;
    if (!isOfWorkload(*pod, o)) continue;
    LiftGate lift{
        pod->meta.name, pod->meta.uid, static_cast<size_t>(gate - pod->schedulingGates.begin()), {}};
    if (pod->activeDeadlineSeconds.value_or(left + 1) > left) lift.deadline = left;
    p.grant.push_back(std::move(lift));
  }
}

// Completes the status of a grant that an earlier version has started: that version wrote these values only
// on the account.
void adopt(api::TaskGrantStatus& status, const Observed& o) {
  if (status.serviceAccount.uid.empty()) status.serviceAccount = {o.account->meta.name, o.account->meta.uid};
  if (status.identityUid.empty() && o.identity) status.identityUid = o.identity->meta.uid;
  if (status.parentUid.empty() && !o.ancestors.empty())
    status.parentUid = o.ancestors.front().grant->meta.uid;
  if (!status.enforcedSince) status.enforcedSince = o.ns.enforcedSince;
}

}  // namespace

void planActive(Plan& p, const Observed& o, const Start& start, const Settings& settings, Time now) {
  const Time end = windowEnd(o, start);
  adopt(p.status, o);
  p.status.effective = rotated(p.status.effective, o);
  addBindings(p, o);
  addLeases(p, o);
  if (o.grant->spec.delivery == api::DeliveryMode::Slot)
    planSlot(p, o, end, settings, now);
  else if (o.grant->status.phase == api::Phase::Active)
    liftGates(p, o, end, now);  // only once Active is stored: before, the webhook rejects token requests
  p.ready = Reason::Active;
  reportActive(p.status, o, start.at, end, now);
  p.requeueAt(end, now);
  p.requeueAt(now + settings.requesterRecheck, now);
  if (o.identity && o.identity->expiresAt) p.requeueAt(*o.identity->expiresAt, now);
}

}  // namespace errand::plan
