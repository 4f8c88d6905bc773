#include "operator/control/controllers.hpp"

#include <fmt/format.h>

#include "core/base/log.hpp"

namespace errand::control {

kube::Event eventOf(const plan::Event& event, std::string_view kind, const api::ObjectMeta& about) {
  kube::Event out;
  out.regarding = {std::string(api::kGroupVersion),
                   std::string(kind),
                   about.ns,
                   about.name,
                   about.uid,
                   about.resourceVersion};
  out.reason = event.reason;
  out.action = event.action;
  out.note = event.note;
  out.warning = event.warning;
  return out;
}

void work(kube::WorkQueue& queue, Controller& controller, std::stop_token stop) {
  while (const auto key = queue.get(stop)) {
    const auto next = controller.reconcile(*key);
    if (next) {
      queue.forget(*key);
      if (*next) queue.addAfter(*key, **next);
    } else if (next.error().kind == ErrorKind::Conflict) {
      const Millis wait = queue.addRateLimited(*key);
      log::debug("conflict", {{"controller", controller.name()},
                              {"namespace", key->ns},
                              {"name", key->name},
                              {"error", next.error().message},
                              {"retryAfterMs", wait.count()}});
    } else if (next.error().kind != ErrorKind::Cancelled) {
      const Millis wait = queue.addRateLimited(*key);
      log::warn("reconcile failed", {{"controller", controller.name()},
                                     {"namespace", key->ns},
                                     {"name", key->name},
                                     {"error", next.error().message},
                                     {"retryAfterMs", wait.count()}});
    }
    queue.done(*key);
  }
}

Result<std::optional<Millis>> IdentityController::reconcile(const kube::ObjectKey& key) {
  const auto identity = c_.stores.identities.get(key.ns, key.name);
  if (!identity) return std::nullopt;
  const auto observed = c_.observer.observe(identity);
  if (!observed.ns.synced && !observed.ns.terminating) return Millis{250};
  const plan::IdentityPlan p = plan::planIdentity(observed, c_.clock.now());
  for (const auto& action : p.actions)
    if (auto done = c_.applier.carryOut(action, *identity); !done)
      return std::unexpected(std::move(done.error()));
  if (!(p.status == identity->status)) {
    // Never of an old object: its resourceVersion is the precondition.
    auto stored = c_.applier.storeStatus(*identity, p.status);
    if (!stored && stored.error().kind == ErrorKind::NotFound) return std::nullopt;
    if (!stored) return std::unexpected(std::move(stored.error()));
    for (const plan::Event& event : p.events)
      c_.events.record(eventOf(event, "AgentIdentity", identity->meta));
  }
  return p.requeueAfter;
}

}  // namespace errand::control
