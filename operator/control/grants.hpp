// The controller of TaskGrants.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/guarded.hpp"
#include "operator/control/controller.hpp"

namespace errand::control {

// Reconciles TaskGrants: observes, plans, executes the plan, and stores the status.
class GrantController final : public Controller {
 public:
  GrantController(const Context& context, plan::Settings settings) : c_(context), settings_(settings) {}
  Reconciled reconcile(const kube::ObjectKey& key) override;
  std::string_view name() const override { return "taskgrant"; }

 private:
  Reconciled run(const plan::Observed& observed, const plan::Plan& plan);
  Reconciled carryOutAndStore(const plan::Observed& observed, const plan::Plan& p);
  struct Done {
    Result<void> all;        // all actions except those of Plan::endRuns
    Result<void> runsEnded;  // the actions of Plan::endRuns
  };
  // Executes the lists of a plan (apply::inOrder), and returns the first error of each kind. Adds to `status`
  // the uid of a created account, and a report on a run that could not be ended.
  Done carryOut(const plan::Observed& observed, const plan::Plan& plan, api::TaskGrantStatus& status);
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

}  // namespace errand::control
