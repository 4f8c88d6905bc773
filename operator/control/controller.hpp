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
  std::optional<Error> error = {};  // if set, the key is requeued with backoff, except after Cancelled
  // The delay until the next reconcile, if no event comes first. After a failure it limits the backoff,
  // because the end of a window must not wait for an unrelated failure. Zero does not limit it: the step that
  // is due has just failed.
  std::optional<Millis> again = {};

  bool ok() const { return !error; }
};

// The interface of a controller. Several threads may call reconcile() at once, each for another key.
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

// Returns a key to its queue after reconcile(). A failure is logged and retried with backoff. The backoff is
// at most 15 s after Forbidden, and at most Reconciled::again. A Conflict is logged at debug level only,
// because the next event repairs it. After Cancelled there is neither a log entry nor a retry.
void finish(kube::WorkQueue& queue, const Controller& controller, const kube::ObjectKey& key,
            const Reconciled& done);

// Processes a queue until it is shut down and empty, or a stop is requested. Several threads may share a
// queue and a controller.
void work(kube::WorkQueue& queue, Controller& controller, std::stop_token stop);

// Returns the Event about an object of this project's kind `kind`.
kube::Event eventOf(const plan::Event& event, std::string_view kind, const api::ObjectMeta& object);

}  // namespace errand::control
