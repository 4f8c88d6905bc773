#include "operator/state/watches.hpp"

#include <algorithm>

#include "core/base/log.hpp"

namespace errand::state {
namespace {

kube::WatchSpec specOf(const api::Resource& resource, bool metadataOnly = false) {
  kube::WatchSpec spec;
  spec.resource = resource;
  spec.metadataOnly = metadataOnly;
  return spec;
}

// An identity that cannot be decoded counts as absent: its last decodable version could allow more than the
// current one.
kube::WatchSpec identitySpec() {
  kube::WatchSpec spec = specOf(api::kAgentIdentities);
  spec.undecodableIsAbsent = true;
  return spec;
}

}  // namespace

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
      namespaces_(specOf(api::kNamespaces, true), transport, stores.namespaces, seams_),
      identities_(identitySpec(), transport, stores.identities, seams_),
      grants_(specOf(api::kTaskGrants), transport, stores.grants, seams_),
      clusterRoles_(specOf(api::kClusterRoles), transport, stores.clusterRoles, seams_),
      clusterBindings_(specOf(api::kClusterRoleBindings), transport, stores.clusterBindings, seams_) {}

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
