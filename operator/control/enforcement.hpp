// Marks enforced namespaces with errand.dev/enforced-since, and checks that their pods trust the same API
// server (kube-root-ca.crt) as the operator.
#pragma once

#include <functional>
#include <string>

#include "operator/control/controller.hpp"

namespace errand::control {

// Compares kube-root-ca.crt of a namespace with that of namespace `own`, and then marks the namespace.
// Another certificate authority would let its holder receive agents' tokens. Until the two are equal the
// namespace is not marked; if it already is, no grant starts there. A key is {"", namespace}.
class EnforcementController final : public Controller {
 public:
  // A namespace is compared every 15 s until the two are equal, and again after forget(). An empty `own`
  // skips the comparison.
  //
  // `settle` is the time from the mark until the namespace counts. `wake` is called with a namespace when the
  // result of its comparison changes.
  EnforcementController(
      const Context& context, Seconds settle, std::string own,
      std::function<void(const std::string& ns)> wake = [](const std::string&) {});
  Reconciled reconcile(const kube::ObjectKey& key) override;
  std::string_view name() const override { return "enforcement"; }
  // Drops the results of all comparisons. Safe to call from any thread.
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
