// The controller that writes the annotation errand.dev/enforced-since on enrolled namespaces.
#pragma once

#include <functional>
#include <string>

#include "operator/control/controller.hpp"

namespace errand::control {

// A key has an empty namespace, and the namespace as its name.
class EnforcementController final : public Controller {
 public:
  // A namespace counts as enforced once its ConfigMap kube-root-ca.crt equals that of namespace `own`; an
  // empty `own` skips that comparison. An enforced namespace is compared once, and again after forget().
  // `wake` is called with a namespace when the result of its comparison changes.
  EnforcementController(
      const Context& context, Seconds settle, std::string own,
      std::function<void(const std::string& ns)> wake = [](const std::string&) {});
  Reconciled reconcile(const kube::ObjectKey& key) override;
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

}  // namespace errand::control
