#include "operator/control/controllers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/base/log.hpp"
#include "core/base/metrics.hpp"

namespace errand::control {
namespace {

// controller-runtime's metrics of one controller.
class Measured {
 public:
  explicit Measured(const std::string& controller)
      : controller_(controller),
        done_(total("success")),
        again_(total("requeue_after")),
        failed_(total("error")),
        errors_(metrics::counter("controller_runtime_reconcile_errors_total",
                                 "Total number of reconciliation errors per controller",
                                 {{"controller", controller}})),
        seconds_(metrics::histogram("controller_runtime_reconcile_time_seconds",
                                    "Length of time per reconciliation per controller",
                                    metrics::latencyBuckets(), {{"controller", controller}})),
        active_(metrics::gauge("controller_runtime_active_workers",
                               "Number of currently used workers per controller",
                               {{"controller", controller}})) {}

  Outcome reconcile(Controller& controller, const kube::ObjectKey& key) const {
    active_.add(1);
    const auto begun = std::chrono::steady_clock::now();
    auto next = controller.reconcile(key);
    seconds_.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
    active_.add(-1);
    if (!next) errors_.increment();
    (!next ? failed_ : *next ? again_ : done_).increment();
    return next;
  }

 private:
  metrics::Counter total(const std::string& result) const {
    return metrics::counter("controller_runtime_reconcile_total",
                            "Total number of reconciliations per controller",
                            {{"controller", controller_}, {"result", result}});
  }

  const std::string controller_;
  const metrics::Counter done_, again_, failed_, errors_;
  const metrics::Histogram seconds_;
  const metrics::Gauge active_;
};

}  // namespace

kube::Event eventOf(const plan::Event& event, std::string_view kind, const api::ObjectMeta& about) {
  kube::Event out;
  out.regarding = {std::string(api::kGroupVersion),
                   std::string(kind),
                   about.ns,
                   about.name,
                   about.uid,
                   about.resourceVersion};
  out.reason = std::visit([](auto reason) { return std::string(toString(reason)); }, event.reason);
  out.action = event.action;
  out.note = event.note;
  out.warning = event.warning;
  return out;
}

// No event reports a right that is granted later. An API server that has just started may not have loaded its
// RBAC objects, so the first delays are short.
constexpr Millis kForbiddenRetry{15'000};

void finish(kube::WorkQueue& queue, const Controller& controller, const kube::ObjectKey& key,
            const Outcome& next) {
  if (next) {
    queue.forget(key);
    if (*next) queue.addAfter(key, **next);
  } else if (next.error().kind == ErrorKind::Conflict) {
    const Millis wait = queue.addRateLimited(key, next.latest);
    log::debug("conflict", {{"controller", controller.name()},
                            {"namespace", key.ns},
                            {"name", key.name},
                            {"error", next.error().message},
                            {"retryAfterMs", wait.count()}});
  } else if (next.error().kind != ErrorKind::Cancelled) {
    const bool forbidden = next.error().kind == ErrorKind::Forbidden;
    const Millis wait =
        queue.addRateLimited(key, std::min(next.latest, forbidden ? kForbiddenRetry : Millis::max()));
    log::warn("reconcile failed", {{"controller", controller.name()},
                                   {"namespace", key.ns},
                                   {"name", key.name},
                                   {"error", next.error().message},
                                   {"retryAfterMs", wait.count()}});
  }
  queue.done(key);
}

void work(kube::WorkQueue& queue, Controller& controller, std::stop_token stop) {
  const Measured measured{std::string(controller.name())};
  while (const auto key = queue.get(stop))
    finish(queue, controller, *key, measured.reconcile(controller, *key));
}

Outcome IdentityController::reconcile(const kube::ObjectKey& key) {
  const auto identity = c_.stores.identities.get(key.ns, key.name);
  if (!identity) return std::nullopt;
  const auto observed = c_.observer.observe(identity);
  if (!observed.ns.synced && !observed.ns.terminating) return Millis{250};
  const plan::IdentityPlan p = plan::planIdentity(observed, c_.clock.now());
  api::AgentIdentity::Status status = p.status;
  for (const auto& action : p.actions) {
    const auto* account = std::get_if<plan::CreateAccount>(&action);
    if (account == nullptr) {
      if (auto done = c_.applier.carryOut(action, *identity); !done)
        return {std::unexpected(std::move(done.error())), p.requeueAfter};
      continue;
    }
    auto uid = c_.applier.create(*account);
    if (!uid) return {std::unexpected(std::move(uid.error())), p.requeueAfter};
    for (auto& named : status.serviceAccounts)
      if (named.name == account->account.meta.name) named.uid = *uid;
  }
  if (!(status == identity->status)) {
    // The resourceVersion is a precondition, so a stale object never overwrites a newer status.
    auto stored = c_.applier.storeStatus(*identity, status);
    if (!stored && stored.error().kind == ErrorKind::NotFound) return std::nullopt;
    if (!stored) return {std::unexpected(std::move(stored.error())), p.requeueAfter};
    for (const plan::Event& event : p.events)
      c_.events.record(eventOf(event, "AgentIdentity", identity->meta));
  }
  return p.requeueAfter;
}

}  // namespace errand::control
