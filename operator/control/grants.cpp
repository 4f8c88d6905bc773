#include "operator/control/grants.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/log.hpp"
#include "core/base/metrics.hpp"
#include "core/kube/http/reachability.hpp"
#include "operator/apply/order.hpp"
#include "operator/plan/failure.hpp"

namespace errand::control {
namespace {

// Records the seconds of a confirmed end. The stage token includes the 10 s for which the API server caches
// tokens, so one bucket ends at 10.5 s.
void measure(const api::TaskGrantStatus::Revocation& revocation) {
  static constexpr std::string_view kName = "errand_revocation_seconds";
  static constexpr std::string_view kHelp =
      "Time from a grant's end until its last RoleBinding was gone (stage rights), and until the API server "
      "refused its last token (stage token)";
  static const std::vector<double> kBounds{0.01, 0.025, 0.05, 0.1,  0.25, 0.5, 1,
                                           2.5,  5,     10,   10.5, 15,   30,  60};
  static const auto rights =
      metrics::histogram(std::string(kName), std::string(kHelp), kBounds, {{"stage", "rights"}});
  static const auto token =
      metrics::histogram(std::string(kName), std::string(kHelp), kBounds, {{"stage", "token"}});
  if (const auto& ms = revocation.rightsGoneMilliseconds) rights.observe(static_cast<double>(*ms) / 1000);
  if (const auto& ms = revocation.tokenRefusedMilliseconds) token.observe(static_cast<double>(*ms) / 1000);
}

// Compares statuses in the form of the API server, where times have whole seconds.
bool sameStatus(const api::TaskGrantStatus& a, const api::TaskGrantStatus& b) {
  return a == b || api::encode(a) == api::encode(b);
}

}  // namespace

// Plans again under a lock, and counts the starts that are in progress in other workers. Two grants can
// therefore not take the last place of a class. Workers do not wait for each other's API calls.
plan::Plan GrantController::reserve(plan::Observed& observed, const std::string& classKey, Place& place) {
  const api::TaskGrant& grant = *observed.grant;
  const auto all = starting_.access();
  auto& ofClass = (*all)[classKey];
  const QueuePosition mine = state::GrantCounts::positionOf(grant);
  observed.siblings = c_.stores.grantCounts.siblings(grant, ofClass);
  plan::Plan p = plan::plan(observed, settings_, c_.clock.now());
  if (plan::starts(p, grant)) {
    ofClass[mine] = {grant.meta.name, grant.spec.delivery == api::DeliveryMode::Slot};
    place = Place(*this, classKey, mine);
  } else if (ofClass.empty()) {
    all->erase(classKey);
  }
  return p;
}

void GrantController::leave(const std::string& classKey, const QueuePosition& turn) {
  const auto all = starting_.access();
  const auto it = all->find(classKey);
  if (it == all->end()) return;
  it->second.erase(turn);
  if (it->second.empty()) all->erase(it);
}

Reconciled GrantController::reconcile(const kube::ObjectKey& key) {
  const auto grant = c_.stores.grants.get(key.ns, key.name);
  if (!grant) return {};
  auto observed = c_.observer.observe(grant);
  plan::Plan p = plan::plan(observed, settings_, c_.clock.now());
  Place place;  // held until this start is in the stores, or has failed
  if (plan::starts(p, *grant)) p = reserve(observed, state::classKey(*grant), place);
  Reconciled done = run(observed, p);
  // The grant may have been deleted during this run. Drop the proof entry that this run has just recreated.
  if (const auto current = c_.stores.grants.get(key.ns, key.name);
      !current || current->meta.uid != grant->meta.uid)
    c_.proofs.forget(grant->meta.uid);
  return done;
}

Reconciled GrantController::run(const plan::Observed& observed, const plan::Plan& p) {
  Reconciled done = carryOutAndStore(observed, p);
  // A failure must not delay the next plan, which may be due at the end of a window.
  if (!done.ok()) done.again = p.requeueAfter;
  return done;
}

Reconciled GrantController::carryOutAndStore(const plan::Observed& observed, const plan::Plan& p) {
  const api::TaskGrant& seen = *observed.grant;
  if (p.statusFirst) {
    if (p.statusFirst->revocation.requestedAt)
      c_.proofs.ended(seen.meta.uid, p.statusFirst->endedAt.value_or(c_.clock.now()));
    auto stored = storeStatus(seen, *p.statusFirst);
    if (!stored && stored.error().kind == ErrorKind::Conflict) {
      // A user who keeps writing to the grant must not be able to delay its end.
      const auto live = c_.applier.read(seen.meta.ns, seen.meta.name);
      const bool same =
          live && (*live)->meta.uid == seen.meta.uid && (*live)->status.phase == seen.status.phase;
      if (!same) return {std::move(stored.error())};
      stored = c_.applier.storeEnd(**live, *p.statusFirst);
    }
    if (!stored && stored.error().kind == ErrorKind::NotFound) return {};
    // Revokes even if the status cannot be stored.
    const bool passing =
        !stored && (kube::unanswered(stored.error()) || stored.error().kind == ErrorKind::TooManyRequests ||
                    stored.error().kind == ErrorKind::Internal || stored.error().kind == ErrorKind::Conflict);
    if (!stored)
      log::warn("end not stored",
                {{"namespace", seen.meta.ns}, {"name", seen.meta.name}, {"error", stored.error().message}});
    if (stored)
      metrics::counter("errand_grant_ends_total", "Grants that ended, by cause (status.endedBecause).",
                       {{"cause", p.statusFirst->endedBecause}})
          .increment();
    log::info("grant ends", {{"namespace", seen.meta.ns},
                             {"name", seen.meta.name},
                             {"agent", seen.spec.agentIdentity},
                             {"toolClass", seen.spec.toolClass},
                             {"requester", p.statusFirst->requestedBy},
                             {"phase", api::toString(*p.statusFirst->phase)},
                             {"because", p.statusFirst->endedBecause}});
    if (passing) {
      // Only the revocation of credentials may precede the storing of an end. The account is deleted later,
      // because the probe token is requested from it after the end is stored.
      for (const auto* list : {&p.revokeRights, &p.revokeSecrets})
        for (const plan::Delete& removal : *list)
          if (auto done = c_.applier.carryOut(removal, seen); !done)
            log::warn(
                "not withdrawn",
                {{"namespace", seen.meta.ns}, {"name", seen.meta.name}, {"error", done.error().message}});
      return {std::move(stored.error())};
    }
  }
  // The events of an end are recorded after the revocation, even if an action has failed. No later plan would
  // record them, because the phase is already stored.
  api::TaskGrantStatus status = p.status;
  auto [done, runsEnded] = carryOut(observed, p, status);
  if (p.statusFirst) recordEvents(seen, p.events);
  if (!done) return {std::move(done.error())};
  Reconciled out{.again = p.requeueAfter};
  if (!runsEnded) out.error = std::move(runsEnded.error());
  if (p.statusFirst) return out;
  if (auto stored = storeStatus(seen, status); !stored) {
    if (stored.error().kind == ErrorKind::NotFound) return {};
    return {std::move(stored.error())};
  }
  if (!seen.status.startedAt && status.startedAt) {
    metrics::counter("errand_grant_starts_total", "Grants that started.", {}).increment();
    log::info("grant starts", {{"namespace", seen.meta.ns},
                               {"name", seen.meta.name},
                               {"agent", seen.spec.agentIdentity},
                               {"toolClass", seen.spec.toolClass},
                               {"requester", status.requestedBy},
                               {"endsAt", status.endsAt ? formatTime(*status.endsAt) : std::string()}});
  }
  if (!seen.status.revocation.confirmedAt && p.status.revocation.confirmedAt) measure(p.status.revocation);
  recordEvents(seen, p.events);
  return out;
}

GrantController::Done GrantController::carryOut(const plan::Observed& observed, const plan::Plan& p,
                                                api::TaskGrantStatus& status) {
  const api::TaskGrant& seen = *observed.grant;
  Result<void> all, runsEnded;
  const auto carried = [&](const plan::Action& action) -> Result<void> {
    const auto current = c_.stores.grants.get(seen.meta.ns, seen.meta.name);
    const api::TaskGrant& target = current && current->meta.uid == seen.meta.uid ? *current : seen;
    const auto* account = std::get_if<plan::CreateAccount>(&action);
    if (account == nullptr) return c_.applier.carryOut(action, target);
    auto uid = c_.applier.create(*account);
    if (!uid) return std::unexpected(std::move(uid.error()));
    status.serviceAccount.uid = std::move(*uid);
    return {};
  };
  const auto step = [&](const plan::Action& action) {
    Result<void> done = carried(action);
    if (done) return true;
    if (const auto* run = std::get_if<plan::EndRun>(&action)) {
      if (!runsEnded) return false;
      plan::reportRunNotEnded(status, observed, *run, done.error(), c_.clock.now());
      runsEnded = std::move(done);
    } else if (all) {
      if (auto stored = storeStatus(seen, plan::afterFailure(observed, action, done.error(), c_.clock.now()));
          !stored)
        log::debug("failure not stored", {{"error", stored.error().message}});
      all = std::move(done);
    }
    return false;
  };
  apply::inOrder(p, step, [&](bool ok) {
    if (ok) c_.proofs.rightsGone(seen.meta.uid, c_.clock.now());
  });
  return {std::move(all), std::move(runsEnded)};
}

// Stores the status if it differs from the stored one. The spec may have changed since `seen`: the status
// then has the old generation, and the next plan follows at once. Fails with Conflict if the status has
// changed since `seen`, because the next plan must read it. Succeeds if the grant is gone.
Result<void> GrantController::storeStatus(const api::TaskGrant& seen, const api::TaskGrantStatus& status) {
  const auto current = c_.stores.grants.get(seen.meta.ns, seen.meta.name);
  if (!current || current->meta.uid != seen.meta.uid) return {};
  if (sameStatus(current->status, status)) return {};
  if (!sameStatus(current->status, seen.status))
    return fail(ErrorKind::Conflict, "the status was written meanwhile");
  return c_.applier.storeStatus(*current, status);
}

void GrantController::recordEvents(const api::TaskGrant& grant,
                                   const std::vector<plan::Event>& events) const {
  for (const plan::Event& event : events) c_.events.record(eventOf(event, "TaskGrant", grant.meta));
}

}  // namespace errand::control
