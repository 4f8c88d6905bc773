#include "operator/control/controller.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/base/log.hpp"
#include "core/base/metrics.hpp"

namespace errand::control {
namespace {

// The metrics of one controller, with controller-runtime's names.
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

  Reconciled reconcile(Controller& controller, const kube::ObjectKey& key) const {
    active_.add(1);
    const auto begun = std::chrono::steady_clock::now();
    Reconciled done = controller.reconcile(key);
    seconds_.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
    active_.add(-1);
    if (!done.ok()) errors_.increment();
    (!done.ok() ? failed_ : done.again ? again_ : done_).increment();
    return done;
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

kube::Event eventOf(const plan::Event& event, std::string_view kind, const api::ObjectMeta& object) {
  kube::Event out;
  const api::ObjectMeta& about = event.pod ? event.pod->meta : object;
  out.regarding = {event.pod ? "v1" : std::string(api::kGroupVersion),
                   event.pod ? "Pod" : std::string(kind),
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

// The longest backoff after Forbidden: no event reports that the operator was granted a right. The first
// delays are shorter, because an API server that has just started may not have loaded its RBAC objects.
constexpr Millis kForbiddenRetry{15'000};

void finish(kube::WorkQueue& queue, const Controller& controller, const kube::ObjectKey& key,
            const Reconciled& done) {
  if (done.ok()) {
    queue.forget(key);
    if (done.again) queue.addAfter(key, *done.again);
    return queue.done(key);
  }
  const Error& error = *done.error;
  const Millis latest = done.again && *done.again > Millis{0} ? *done.again : Millis::max();
  if (error.kind == ErrorKind::Conflict) {
    const Millis wait = queue.addRateLimited(key, latest);
    log::debug("conflict", {{"controller", controller.name()},
                            {"namespace", key.ns},
                            {"name", key.name},
                            {"error", error.message},
                            {"retryAfterMs", wait.count()}});
  } else if (error.kind != ErrorKind::Cancelled) {
    const bool forbidden = error.kind == ErrorKind::Forbidden;
    const Millis wait =
        queue.addRateLimited(key, std::min(latest, forbidden ? kForbiddenRetry : Millis::max()));
    log::warn("reconcile failed", {{"controller", controller.name()},
                                   {"namespace", key.ns},
                                   {"name", key.name},
                                   {"error", error.message},
                                   {"retryAfterMs", wait.count()}});
  }
  queue.done(key);
}

void work(kube::WorkQueue& queue, Controller& controller, std::stop_token stop) {
  const Measured measured{std::string(controller.name())};
  while (const auto key = queue.get(stop))
    finish(queue, controller, *key, measured.reconcile(controller, *key));
}

}  // namespace errand::control
