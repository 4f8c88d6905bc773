// The controller of AgentIdentities.
#pragma once

#include "operator/control/controller.hpp"

namespace errand::control {

// Reconciles AgentIdentities and their base accounts.
class IdentityController final : public Controller {
 public:
  explicit IdentityController(const Context& context) : c_(context) {}
  Reconciled reconcile(const kube::ObjectKey& key) override;
  std::string_view name() const override { return "agentidentity"; }

 private:
  Context c_;
};

}  // namespace errand::control
