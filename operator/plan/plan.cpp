#include "operator/plan/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "operator/plan/lifecycle/active.hpp"
#include "operator/plan/lifecycle/ended.hpp"
#include "operator/plan/lifecycle/report.hpp"
#include "operator/plan/lifecycle/waiting.hpp"

namespace errand::plan {
namespace {

using api::Phase;

void reportChanges(Plan& p, const api::TaskGrantStatus& before) {
  const api::TaskGrantStatus& after = p.statusFirst ? *p.statusFirst : p.status;
  const api::Condition* was = api::findCondition(before.conditions, policy::kReady);
  const api::Condition* is = api::findCondition(after.conditions, policy::kReady);
  if (!p.ready || is == nullptr || !after.phase) return;
  const bool same = before.phase == after.phase && was != nullptr && was->reason == is->reason;
  // No event for Starting, because Active follows a moment later. Each event is an API call, and many grants
  // start at once.
  if (same || p.ready == Reason::Starting) return;
  const api::Condition* stalled = api::findCondition(after.conditions, policy::kStalled);
  const bool warning = (stalled != nullptr && stalled->status == api::ConditionStatus::True) ||
                       *after.phase == Phase::Failed || *after.phase == Phase::Denied;
  Event event{warning, *p.ready, "Reconcile", is->message};
  if (isTerminal(*after.phase)) event.reason = *after.phase;
  p.events.push_back(std::move(event));
}

bool isGated(const api::Pod& pod) {
  return std::ranges::find(pod.schedulingGates, api::kSchedulingGate) != pod.schedulingGates.end();
}

// Says on each pod that waits at its gate why the grant is stalled: people look at the pod first. A plan
// follows each change and each recheck, so only a new reason and a new pod have an Event.
void reportToPods(Plan& p, const Observed& o, const Settings& settings, Time now) {
  const api::Condition* was = api::findCondition(o.grant->status.conditions, policy::kReady);
  const api::Condition* is = api::findCondition(p.status.conditions, policy::kReady);
  const api::Condition* stalled = api::findCondition(p.status.conditions, policy::kStalled);
  if (!p.ready || is == nullptr || stalled == nullptr || stalled->status != api::ConditionStatus::True)
    return;
  const bool isNew = was == nullptr || was->reason != is->reason;
  for (const auto& pod : o.pods)
    if (isGated(*pod) && (isNew || pod->meta.creationTimestamp.value_or(Time{}) >= now - settings.recheck))
      p.events.push_back({true, *p.ready, "Reconcile",
                          fmt::format("TaskGrant {} is stalled: {}", o.grant->meta.name, is->message), pod});
}

// The conditions of an ended grant hold for every later generation of its spec. Clients that wait for a
// condition, such as kubectl, ignore one of an earlier generation.
void holdsFor(std::int64_t generation, api::TaskGrantStatus& status) {
  for (api::Condition& c : status.conditions) c.observedGeneration = generation;
}

void planEnding(Plan& p, const Observed& o, const Ending& ending, const Settings& settings, Time now) {
  if (auto held = slotCredentials(o); !held.empty()) p.status.credentials = std::move(held);
  // True if the slot was never written. Tokens requested for it then exist only in this process.
  const bool neverWritten = o.grant->spec.delivery == api::DeliveryMode::Slot &&
                            o.grant->status.phase != Phase::Active && p.status.credentials.empty() &&
                            !o.proof.tokenHeld;
  const bool hadCredentials = everStarted(*o.grant) && !neverWritten;
  p.ready = ending.because;
  reportEnded(p.status, o, ending, hadCredentials, now);
  holdsFor(o.grant->meta.generation, p.status);
  p.statusFirst = p.status;
  // planEnded reads the end from the stored status, so this sets the status that is about to be stored.
  auto grant = std::make_shared<api::TaskGrant>(*o.grant);
  grant->status = p.status;
  Observed ended = o;
  ended.grant = std::move(grant);
  planEnded(p, ended, settings, now);
}

}  // namespace

void Plan::requeueAt(Time at, Time now) {
  const Millis wait = std::max(Millis{0}, at - now);
  requeueAfter = std::min(requeueAfter.value_or(wait), wait);
}

Plan plan(const Observed& o, const Settings& settings, Time now) {
  Plan p;
  const api::TaskGrant& grant = *o.grant;
  p.status = baseStatus(o);
  if (grant.meta.deletionTimestamp && !grant.meta.hasFinalizer(api::kFinalizer)) return p;
  if (!o.ns.synced && !o.ns.terminating) {
    if (!grant.terminal() && o.ns.unsyncedFor >= settings.syncPatience) {
      p.ready = Reason::NamespaceNotSynced;
      reportStalled(
          p.status, o, Reason::NamespaceNotSynced,
          fmt::format(
              "the operator cannot watch namespace {} yet; it needs the RoleBinding errand-operator there "
              "(manifests/namespace)",
              grant.meta.ns),
          now);
    } else {
      p.status = grant.status;
    }
    reportChanges(p, grant.status);
    p.requeueAt(now + Millis{250}, now);
    return p;
  }
  if (grant.terminal()) {
    holdsFor(grant.meta.generation, p.status);
    planEnded(p, o, settings, now);
    return p;
  }
  if (const auto ending = endingOf(o, settings, now)) {
    planEnding(p, o, *ending, settings, now);
  } else {
    // In a namespace that is not enforced, the operator creates nothing that would have to be revoked.
    const bool takesPart = o.ns.enforced || wasAccepted(grant);
    if (takesPart && !grant.meta.hasFinalizer(api::kFinalizer)) p.prepare.push_back(AddFinalizer{});
    if (const auto start = startOf(grant, now))
      planActive(p, o, *start, settings, now);
    else
      planWaiting(p, o, settings, now);
  }
  reportChanges(p, grant.status);
  if (!p.statusFirst) reportToPods(p, o, settings, now);
  return p;
}

bool starts(const Plan& p, const api::TaskGrant& seen) {
  return !seen.status.startedAt && p.status.startedAt && !p.statusFirst;
}

}  // namespace errand::plan
