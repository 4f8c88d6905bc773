// Inside the window: bindings, the slot's credentials and their renewal, the gates of pods.
#include <algorithm>

#include "core/base/crypto.hpp"
#include "operator/plan/life/report.hpp"
#include "operator/plan/life/steps.hpp"

namespace errand::plan {

namespace {

// Half of the life, and up to a tenth of it sooner, so that grants started
// together are not renewed together. The same for each plan of one grant.
Time renewalOf(const api::Credential& c, std::string_view uid) {
  const Millis life = *c.expiresAt - *c.issuedAt;
  const int spread = std::stoi(sha256Hex(uid).substr(0, 4), nullptr, 16) % 1000;
  return *c.issuedAt + life / 2 - life * spread / 10000;
}

// When the slot must be written again; `now` where it holds too little.
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
    p.actions.push_back(fill);
  else if (due < end)
    requeueAt(p, due, now);
}

// A pod of the very workload that was there at the start; by its controller's
// uid, for a label or a name can be copied.
bool isOfWorkload(const api::Pod& pod, const api::TaskGrant& grant, const Start& start) {
  if (grant.spec.workload.kind == api::WorkloadKind::Pod) return pod.meta.uid == start.workloadUid;
  const api::OwnerReference* controller = pod.meta.controller();
  return controller != nullptr && controller->uid == start.workloadUid;
}

void liftGates(Plan& p, const Observed& o, const Start& start) {
  for (const auto& pod : o.pods) {
    const auto gate = std::ranges::find(pod->schedulingGates, api::kSchedulingGate);
    if (gate == pod->schedulingGates.end() || pod->meta.deletionTimestamp) continue;
    if (pod->serviceAccountName != api::grantAccountName(o.grant->meta.uid)) continue;
    if (!isOfWorkload(*pod, *o.grant, start)) continue;
    p.actions.push_back(
        LiftGate{pod->meta.name, pod->meta.uid, static_cast<size_t>(gate - pod->schedulingGates.begin())});
  }
}

}  // namespace

std::string leasedVersion(const api::Object& source) {
  return source.meta.name + "@" + source.meta.uid + "/" + source.meta.resourceVersion;
}

std::string leasedVersions(const Observed& o) {
  std::string out;
  for (const auto& source : o.leasedSecrets)
    out.append(out.empty() ? "" : " ").append(leasedVersion(*source));
  return out;
}

void planActive(Plan& p, const Observed& o, const Start& start, const Settings& settings, Time now) {
  const Time end = windowEnd(o, start);
  p.status.serviceAccountName = api::grantAccountName(o.grant->meta.uid);
  reportScope(p.status, o);
  addBindings(p, o);
  addLeases(p, o);
  if (o.grant->spec.delivery == api::DeliveryMode::Slot)
    planSlot(p, o, end, settings, now);
  else if (o.grant->status.phase == api::Phase::Active)
    liftGates(p, o, start);  // once the status says so: the webhook lets no token be minted before
  reportActive(p.status, o, start.at, end, now);
  requeueAt(p, end, now);
  if (o.identity && o.identity->expiresAt) requeueAt(p, *o.identity->expiresAt, now);
}

}  // namespace errand::plan
