// The controller that deletes leftovers.
#pragma once

#include <chrono>
#include <string>

#include "operator/control/controller.hpp"
#include "operator/plan/sweep.hpp"

namespace errand::control {

// Deletes objects that no existing grant or identity owns: every minute in each watched namespace, and half a
// second after a grant was deleted. Reads the grant from the API server before each deletion. A key has an
// empty namespace, and the name of the namespace as its name.
class SweepController final : public Controller {
 public:
  explicit SweepController(const Context& context) : c_(context) {}
  Reconciled reconcile(const kube::ObjectKey& key) override;
  std::string_view name() const override { return "sweep"; }

 private:
  Result<bool> grantStillOwns(const std::string& ns, const plan::Leftover& leftover) const;
  Context c_;
  std::chrono::steady_clock::time_point memoryReleased_;
};

}  // namespace errand::control
