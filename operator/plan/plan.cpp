#include "operator/plan/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "operator/plan/lifecycle/report.hpp"
#include "operator/plan/lifecycle/steps.hpp"

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

// The conditions of an ended grant hold for every later generation of its spec. Clients that wait for a
// condition, such as kubectl, ignore one of an earlier generation.
void holdsFor(std::int64_t generation, api::TaskGrantStatus& status) {
  for (api::Condition& c : status.conditions) c.observedGeneration = generation;
}

void planEnding(Plan& p, const Observed& o, const Ending& ending, const Settings& settings, Time now) {
  if (auto held = slotCredentials(o); !held.empty()) p.status.credentials = std::move(held);
  // A slot that was never written delivered nothing: tokens minted for it exist in this process only.
  const bool neverWritten = o.grant->spec.delivery == api::DeliveryMode::Slot &&
                            o.grant->status.phase != Phase::Active && p.status.credentials.empty() &&
                            !o.proof.tokenHeld;
  const bool hadCredentials = everStarted(*o.grant) && !neverWritten;
  p.ready = ending.because;
  reportEnded(p.status, o, ending, hadCredentials, now);
  holdsFor(o.grant->meta.generation, p.status);
  p.statusFirst = p.status;
  // planEnded reads the end from the stored status; this is the one it is about to have.
  auto grant = std::make_shared<api::TaskGrant>(*o.grant);
  grant->status = p.status;
  Observed ended = o;
  ended.grant = std::move(grant);
  planEnded(p, ended, settings, now);
}

// A permanent refusal (RBAC, validation, admission), as opposed to an outage. A webhook that never answers
// looks like an outage, so an error that lasts counts as a refusal.
bool isRefused(const Error& error, Time endedAt, Time now) {
  constexpr Seconds kPasses{15};
  return error.kind == ErrorKind::Forbidden || error.kind == ErrorKind::Invalid ||
         error.kind == ErrorKind::Conflict || now - endedAt >= kPasses;
}

// A denial by RBAC names the verb on the resource. Any other comes from an admission webhook or policy.
std::string wayOut(const Error& error, const std::string& ns) {
  if (error.message.find("cannot delete resource") != std::string::npos ||
      error.message.find("cannot patch resource") != std::string::npos)
    return fmt::format(
        "the operator needs the RoleBinding errand-operator in namespace {} (manifests/namespace)", ns);
  return "let the operator's account pass whatever refuses it";
}

}  // namespace

void requeueAt(Plan& p, Time at, Time now) {
  const Millis wait = std::max(Millis{0}, at - now);
  p.requeueAfter = std::min(p.requeueAfter.value_or(wait), wait);
}

Plan plan(const Observed& o, const Settings& settings, Time now) {
  Plan p;
  const api::TaskGrant& grant = *o.grant;
  p.status = baseStatus(o);
  if (grant.meta.deletionTimestamp && !grant.meta.hasFinalizer(api::kFinalizer)) return p;
  // If a namespace is not enforced, nothing is created that would have to be revoked.
  const bool takesPart = o.ns.enforced || wasAccepted(grant);
  if (takesPart && !grant.meta.deletionTimestamp && !grant.meta.hasFinalizer(api::kFinalizer) &&
      !grant.terminal())
    p.actions.push_back(AddFinalizer{});

  if (!o.ns.synced && !o.ns.terminating) {
    p.actions.clear();
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
    requeueAt(p, now + Millis{250}, now);
    return p;
  }
  if (grant.terminal()) {
    holdsFor(grant.meta.generation, p.status);
    planEnded(p, o, settings, now);
    return p;
  }
  if (const auto ending = endingOf(o, settings, now)) {
    p.actions.clear();
    planEnding(p, o, *ending, settings, now);
  } else if (const auto start = startOf(grant, now)) {
    planActive(p, o, *start, settings, now);
  } else {
    planWaiting(p, o, settings, now);
  }
  reportChanges(p, grant.status);
  return p;
}

bool starts(const Plan& p, const api::TaskGrant& seen) {
  return !seen.status.startedAt && p.status.startedAt && !p.statusFirst;
}

void reportUntold(api::TaskGrantStatus& status, const Observed& o, const EndRun& run, const Error& error,
                  Time now) {
  if (!isRefused(error, status.endedAt.value_or(now), now)) return;
  reportRunsOn(
      status, o,
      fmt::format("{} {} cannot be ended, so connections that it has opened may go on; {}, or delete "
                  "it: {}",
                  run.resource.kind, run.name, wayOut(error, o.grant->meta.ns), error.message),
      now);
}

api::TaskGrantStatus afterFailure(const Observed& o, const Action& action, const Error& error, Time now) {
  api::TaskGrantStatus status = baseStatus(o);
  if (status.phase && isTerminal(*status.phase)) {
    if (const auto* run = std::get_if<EndRun>(&action)) {
      reportUntold(status, o, *run, error, now);
      return status;
    }
    if (!isRefused(error, status.endedAt.value_or(now), now)) return status;
    const std::string way = wayOut(error, o.grant->meta.ns) + ": " + error.message;
    if (const auto* removal = std::get_if<Delete>(&action))
      reportBlocked(status, o,
                    fmt::format("{} {} cannot be deleted, so its rights may still hold; {}",
                                removal->resource.kind, removal->name, way),
                    now);
    return status;
  }
  const auto stalled = [&](Reason reason, std::string message) {
    reportStalled(status, o, reason, std::move(message), now);
    return status;
  };
  if (const auto* create = std::get_if<CreateBinding>(&action);
      create != nullptr && error.kind == ErrorKind::Forbidden)
    return stalled(
        Reason::MayNotBind,
        fmt::format("{}: the operator may not bind {} \"{}\"; grant its account the verb bind on it ({})",
                    create->path, create->binding.role.kind, create->binding.role.name, error.message));
  // ErrorKind::Conflict is not reported: another write came first, and the next plan sees it.
  if (error.kind == ErrorKind::AlreadyExists) return stalled(Reason::Conflict, error.message);
  if (error.kind == ErrorKind::Forbidden) return stalled(Reason::Forbidden, error.message);
  if (error.kind == ErrorKind::Invalid) return stalled(Reason::Invalid, error.message);
  if (!status.phase) reportWaiting(status, o, Phase::Pending, Reason::Retrying, error.message, now);
  return status;
}

}  // namespace errand::plan
