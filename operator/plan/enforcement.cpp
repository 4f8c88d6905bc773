#include "operator/plan/enforcement.hpp"

#include "core/policy/grantstate.hpp"

namespace errand::plan {

std::optional<MarkEnforced> planEnforcement(const api::PartialObject& ns, Seconds settle, Time now) {
  const policy::NamespaceFacts facts = policy::factsOf(ns.meta);
  if (!facts.enforced || facts.terminating || facts.enforcedSince) return std::nullopt;
  return MarkEnforced{ns.meta.name, ns.meta.uid, ns.meta.resourceVersion,
                      std::chrono::ceil<Seconds>(now + settle)};
}

}  // namespace errand::plan
