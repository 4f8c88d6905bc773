// Take a key, gather, plan, apply, store the status: once for grants, once for identities.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <stop_token>
#include <string>

#include "core/base/guarded.hpp"
#include "core/kube/client/client.hpp"
#include "core/kube/events/series.hpp"
#include "core/kube/workqueue.hpp"
#include "operator/apply/applier.hpp"
#include "operator/plan/enforcement.hpp"
#include "operator/plan/plan.hpp"
#include "operator/plan/sweep.hpp"
#include "operator/state/observer.hpp"

namespace errand::control {

// When to reconcile again without an event. A failed key is requeued with backoff, but after `latest` at
// most: the end of a window must not wait for an unrelated failure.
struct Outcome : Result<std::optional<Millis>> {
  using Base = Result<std::optional<Millis>>;
  using Base::Base;
  Outcome(Base done, std::optional<Millis> due = {}) : Base(std::move(done)) {
    if (due && *due > Millis{0}) latest = *due;  // a step that is due now has just failed
  }

  Millis latest = Millis::max();
};

// Reconciles one key at a time for the workers of a queue.
class Controller {
 public:
  virtual ~Controller() = default;
  virtual Outcome reconcile(const kube::ObjectKey& key) = 0;
  virtual std::string_view name() const = 0;
};

struct Context {
  state::Stores& stores;
  state::RevocationProofs& proofs;
  const kube::Client& client;
  const apply::Applier& applier;
  state::Observer& observer;
  kube::EventSink& events;
  const Clock& clock;
};

class GrantController final : public Controller {
 public:
  GrantController(const Context& context, plan::Settings settings) : c_(context), settings_(settings) {}
  Outcome reconcile(const kube::ObjectKey& key) override;
  std::string_view name() const override { return "taskgrant"; }

 private:
  Result<std::optional<Millis>> run(const plan::Observed& observed, const plan::Plan& plan);
  struct Done {
    Result<void> all;
    Result<void> runsEnded;  // pods and the Job, to end
  };
  // Stops at the first failure, but still carries out the actions that revoke something. Returns the first
  // error. `status` receives the uid of a created account, and a report on a run that could not be ended.
  Done carryOut(const plan::Observed& observed, const std::vector<plan::Action>& actions,
                api::TaskGrantStatus& status);
  Result<void> storeStatus(const api::TaskGrant& seen, const api::TaskGrantStatus& status);

  using QueuePosition = state::GrantCounts::QueuePosition;
  // Marks a start as in progress for the lifetime of this object.
  class Place {
   public:
    Place() = default;
    Place(GrantController& controller, std::string classKey, QueuePosition turn)
        : controller_(&controller), classKey_(std::move(classKey)), turn_(std::move(turn)) {}
    Place(Place&&) = delete;
    Place& operator=(Place&& other) noexcept {
      std::swap(controller_, other.controller_);
      std::swap(classKey_, other.classKey_);
      std::swap(turn_, other.turn_);
      return *this;
    }
    ~Place() {
      if (controller_ != nullptr) controller_->leave(classKey_, turn_);
    }

   private:
    GrantController* controller_ = nullptr;
    std::string classKey_;
    QueuePosition turn_;
  };
  plan::Plan reserve(plan::Observed& observed, const std::string& classKey, Place& place);
  void leave(const std::string& classKey, const QueuePosition& turn);

  void recordEvents(const api::TaskGrant& grant, const std::vector<plan::Event>& events) const;

  Context c_;
  plan::Settings settings_;
  Guarded<std::map<std::string, std::map<QueuePosition, state::GrantCounts::Starting>>> starting_;
};

class IdentityController final : public Controller {
 public:
  explicit IdentityController(const Context& context) : c_(context) {}
  Outcome reconcile(const kube::ObjectKey& key) override;
  std::string_view name() const override { return "agentidentity"; }

 private:
  Context c_;
};

// Keys have an empty namespace; their name is the namespace's.
class EnforcementController final : public Controller {
 public:
  // A namespace counts as enforced once its ConfigMap kube-root-ca.crt equals that of namespace `own`. An
  // empty `own` skips that comparison. An enforced namespace is compared once, and again after forget().
  // `wake` is called with a namespace when the result of its comparison changes.
  EnforcementController(
      const Context& context, Seconds settle, std::string own,
      std::function<void(const std::string& ns)> wake = [](const std::string&) {});
  Outcome reconcile(const kube::ObjectKey& key) override;
  std::string_view name() const override { return "enforcement"; }
  void forget() { c_.stores.rootCas.access()->forget(); }

 private:
  Result<void> trustsTheSame(const std::string& ns, bool enforced) const;
  Result<void> compare(const api::PartialObject& ns, bool enforced) const;

  Context c_;
  const Seconds settle_;
  const std::string own_;
  const std::function<void(const std::string&)> wake_;
};

// Deletes objects that no live grant owns: every minute in each watched namespace, and as soon as a grant is
// gone.
class SweepController final : public Controller {
 public:
  explicit SweepController(const Context& context) : c_(context) {}
  Outcome reconcile(const kube::ObjectKey& key) override;
  std::string_view name() const override { return "sweep"; }

 private:
  Result<bool> grantExists(const std::string& ns, const plan::Leftover& leftover) const;
  Context c_;
  std::chrono::steady_clock::time_point memoryReleased_;
};

// Returns a key to its queue after a run. A failure is logged and retried with backoff. If a right is
// missing, the backoff is 15 s at most. A Conflict is logged at debug level only: the cache is about to catch
// up.
void finish(kube::WorkQueue& queue, const Controller& controller, const kube::ObjectKey& key,
            const Outcome& next);

// Processes a queue until it is shut down or a stop is requested.
void work(kube::WorkQueue& queue, Controller& controller, std::stop_token stop);

kube::Event eventOf(const plan::Event& event, std::string_view kind, const api::ObjectMeta& about);

}  // namespace errand::control
