#include "operator/control/enforcement.hpp"

#include <fmt/format.h>

#include "core/base/log.hpp"
#include "operator/plan/enforcement.hpp"

namespace errand::control {
namespace {

constexpr Millis kComparesAgain{15'000};

}  // namespace

// Another user may have changed kube-root-ca.crt before the policy errand-root-ca protected it.
Result<void> EnforcementController::trustsTheSame(const std::string& ns, bool enforced) const {
  const auto ours = c_.applier.rootCa(own_), theirs = c_.applier.rootCa(ns);
  if (!ours) return std::unexpected(ours.error());
  if (!theirs) return std::unexpected(theirs.error());
  if (*ours == *theirs) return {};
  return fail(
      ErrorKind::Invalid,
      fmt::format("{} {}{}: its ConfigMap kube-root-ca.crt is not that of namespace {}, so its pods may send "
                  "tokens to another server; delete it, and the cluster writes it again (that takes the "
                  "verb exempt on the namespace, ClusterRole errand-exempter)",
                  enforced ? "no grant starts in namespace" : "namespace", ns,
                  enforced ? "" : " is not enforced", own_));
}

// Notes the result for the checks of grants. If the comparison cannot be made, no grant starts either.
Result<void> EnforcementController::compare(const api::PartialObject& ns, bool enforced) const {
  auto same = trustsTheSame(ns.meta.name, enforced);
  if (!same && same.error().kind == ErrorKind::Cancelled) return same;
  const std::string problem =
      same ? std::string()
      : same.error().kind == ErrorKind::Invalid
          ? same.error().message
          : fmt::format(
                "the ConfigMap kube-root-ca.crt of namespace {} could not be compared with that of "
                "namespace {}: {}",
                ns.meta.name, own_, same.error().message);
  if (c_.stores.rootCas.access()->note(ns.meta.name, ns.meta.uid, problem)) wake_(ns.meta.name);
  return same;
}

EnforcementController::EnforcementController(const Context& context, Seconds settle, std::string own,
                                             std::function<void(const std::string& ns)> wake)
    : c_(context), settle_(settle), own_(std::move(own)), wake_(std::move(wake)) {
  if (!own_.empty()) c_.stores.rootCas.access()->begin();
}

Reconciled EnforcementController::reconcile(const kube::ObjectKey& key) {
  const auto ns = c_.stores.namespaces.get("", key.name);
  const auto facts = ns ? policy::factsOf(ns->meta) : policy::NamespaceFacts();
  if (!facts.enforced || facts.terminating) {
    c_.stores.rootCas.access()->forget(key.name);
    return {};
  }
  const auto mark = plan::planEnforcement(*ns, settle_, c_.clock.now());
  const bool compared = c_.stores.rootCas.access()->of(key.name, ns->meta.uid) == policy::RootCaFacts{};
  // A new mark needs a fresh comparison.
  if (!own_.empty() && (mark || !compared))
    if (auto same = compare(*ns, !mark); !same) return {std::move(same.error()), kComparesAgain};
  if (!mark) return {};
  if (auto done = c_.applier.markEnforced(*mark); !done) {
    if (done.error().kind == ErrorKind::NotFound) return {};
    return {std::move(done.error())};
  }
  log::info("namespace enforced",
            {{"controller", name()}, {"namespace", key.name}, {"since", formatTime(mark->since)}});
  return {};
}

}  // namespace errand::control
