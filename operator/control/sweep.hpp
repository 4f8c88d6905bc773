// The controller that deletes leftovers.
#pragma once

#include <chrono>
#include <string>

#include "operator/control/controller.hpp"
#include "operator/plan/sweep.hpp"

namespace errand::control {

// Deletes objects that no live grant owns: every minute in each watched namespace, and as soon as a
// grant was deleted.
class SweepController final : public Controller {
 public:
  explicit SweepController(const Context& context) : c_(context) {}
  Reconciled reconcile(const kube::ObjectKey& key) override;
  std::string_view name() const override { return "sweep"; }

 private:
  Result<bool> grantExists(const std::string& ns, const plan::Leftover& leftover) const;
  Context c_;
  std::chrono::steady_clock::time_point memoryReleased_;
};

}  // namespace errand::control
