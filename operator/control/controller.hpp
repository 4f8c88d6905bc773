// The common parts of the controllers. A controller reconciles one key at a time: observe, plan, apply, store
// the status.
#pragma once

#include <optional>
#include <stop_token>
#include <string_view>

#include "core/kube/client/client.hpp"
#include "core/kube/events/series.hpp"
#include "core/kube/workqueue.hpp"
#include "operator/apply/applier.hpp"
#include "operator/plan/plan.hpp"
#include "operator/state/observer.hpp"

namespace errand::control {

// The result of reconciling a key.
struct Reconciled {
  std::optional<Error> error = {};  // set if the key must be requeued with backoff
  // The latest time of the next reconcile without an event. It also applies after a failure, because the end
  // of a window must not wait for an unrelated failure. Zero has no effect after a failure: the step that is
  // due has just failed, so the backoff applies.
  std::optional<Millis> again = {};

  bool ok() const { return !error; }
};

// The interface of a controller. reconcile() may run for several keys at once, but never twice for one key.
class Controller {
 public:
  virtual ~Controller() = default;
  virtual Reconciled reconcile(const kube::ObjectKey& key) = 0;
  virtual std::string_view name() const = 0;
};

// The objects that the controllers share. They must outlive the controllers.
struct Context {
  state::Stores& stores;
  state::RevocationProofs& proofs;
  const apply::Applier& applier;
  state::Observer& observer;
  kube::EventSink& events;
  const Clock& clock;
};

// Returns a key to its queue after a run. A failure is logged and retried with backoff, of at most 15 s if a
// right is missing. A Conflict is only logged at debug level, because the cache will catch up.
void finish(kube::WorkQueue& queue, const Controller& controller, const kube::ObjectKey& key,
            const Reconciled& done);

// Processes a queue until it is shut down, or a stop is requested.
void work(kube::WorkQueue& queue, Controller& controller, std::stop_token stop);

// Returns the Event about an object of this kind.
kube::Event eventOf(const plan::Event& event, std::string_view kind, const api::ObjectMeta& about);

}  // namespace errand::control
