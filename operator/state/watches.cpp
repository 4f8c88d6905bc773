#include "operator/state/watches.hpp"

#include <algorithm>

#include "core/base/log.hpp"

namespace errand::state {

struct Watches::Namespace {
  ~Namespace() {
    for (const auto& reflector : reflectors) reflector->requestStop();
  }

  std::vector<std::unique_ptr<kube::RunningReflector>> reflectors;
};

Watches::Watches(Stores& stores, kube::Transport& transport, kube::Pause pause)
    : stores_(stores),
      transport_(transport),
      seams_{.pause = std::move(pause)},
      namespaces_({.resource = api::kNamespaces, .metadataOnly = true}, transport, stores.namespaces, seams_),
      // An identity that cannot be decoded counts as absent: its last decodable version could allow more than
      // the current one.
      identities_({.resource = api::kAgentIdentities, .undecodableIsAbsent = true}, transport,
                  stores.identities, seams_),
      grants_({.resource = api::kTaskGrants}, transport, stores.grants, seams_),
      clusterRoles_({.resource = api::kClusterRoles}, transport, stores.clusterRoles, seams_),
      clusterBindings_({.resource = api::kClusterRoleBindings}, transport, stores.clusterBindings, seams_) {}

Watches::~Watches() {
  namespaces_.requestStop();
  identities_.requestStop();
  grants_.requestStop();
  clusterRoles_.requestStop();
  clusterBindings_.requestStop();
}

bool Watches::synced() const { return namespaces_.synced() && identities_.synced() && grants_.synced(); }

bool Watches::wanted(const std::string& ns) const {
  const auto object = stores_.namespaces.get("", ns);
  if (!object) return false;
  if (object->meta.label(api::kEnforceLabel) == "true") return true;
  bool owns = false;
  stores_.grants.each(ns, [&](const api::TaskGrant& grant) {
    owns = grant.meta.hasFinalizer(api::kFinalizer);
    return !owns;
  });
  return owns;
}

bool Watches::reconcile(const std::string& ns) {
  const bool want = wanted(ns);
  const auto it = watched_.find(ns);
  if (want == (it != watched_.end())) return false;
  log::info(want ? "watching namespace" : "no longer watching namespace", {{"namespace", ns}});
  if (want) {
    (*stores_.watchedSince.access())[ns] = systemClock().monotonic();
    auto namespaced = std::make_unique<Namespace>();
    for (NamespacedStore* store : stores_.namespaced)
      namespaced->reflectors.push_back(store->watch(ns, transport_, seams_));
    watched_.emplace(ns, std::move(namespaced));
    return true;
  }
  watched_.erase(it);
  stores_.watchedSince.access()->erase(ns);
  for (NamespacedStore* store : stores_.namespaced) store->forget(ns);
  return false;
}

}  // namespace errand::state
