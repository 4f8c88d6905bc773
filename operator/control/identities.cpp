#include "operator/control/identities.hpp"

namespace errand::control {

Reconciled IdentityController::reconcile(const kube::ObjectKey& key) {
  const auto identity = c_.stores.identities.get(key.ns, key.name);
  if (!identity) return {};
  const auto observed = c_.observer.observe(identity);
  if (!observed.ns.synced && !observed.ns.terminating) return {.again = Millis{250}};
  const plan::IdentityPlan p = plan::planIdentity(observed, c_.clock.now());
  api::AgentIdentity::Status status = p.status;
  for (const auto& action : p.actions) {
    const auto* account = std::get_if<plan::CreateAccount>(&action);
    if (account == nullptr) {
      if (auto done = c_.applier.carryOut(action, *identity); !done)
        return {std::move(done.error()), p.requeueAfter};
      continue;
    }
    auto uid = c_.applier.create(*account);
    if (!uid) return {std::move(uid.error()), p.requeueAfter};
    for (auto& named : status.serviceAccounts)
      if (named.name == account->account.meta.name) named.uid = *uid;
  }
  if (!(status == identity->status)) {
    // The resourceVersion is a precondition, so a stale object never overwrites a newer status.
    auto stored = c_.applier.storeStatus(*identity, status);
    if (!stored && stored.error().kind == ErrorKind::NotFound) return {};
    if (!stored) return {std::move(stored.error()), p.requeueAfter};
    for (const plan::Event& event : p.events)
      c_.events.record(eventOf(event, "AgentIdentity", identity->meta));
  }
  return {.again = p.requeueAfter};
}

}  // namespace errand::control
