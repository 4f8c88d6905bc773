#include "operator/state/stores.hpp"

#include <algorithm>
#include <type_traits>

#include "core/kube/watch/reflector.hpp"

namespace errand::state {

template <class T>
std::unique_ptr<kube::RunningReflector> Namespaced<T>::watch(const std::string& ns,
                                                             kube::Transport& transport,
                                                             const kube::ReflectorSeams& seams) {
  kube::WatchSpec spec{.resource = resource, .ns = ns, .metadataOnly = std::is_same_v<T, api::PartialObject>};
  return std::make_unique<kube::Reflector<T>>(std::move(spec), transport, *this, seams);
}

Stores::Stores() = default;
Stores::~Stores() = default;

bool Stores::namespaceSynced(std::string_view ns) const {
  return std::ranges::all_of(namespaced, [&](const NamespacedStore* store) {
    return store->neededFor != NeededFor::Ends || store->knows(ns);
  });
}

bool Stores::ownersSynced(std::string_view ns) const {
  return std::ranges::all_of(namespaced, [&](const NamespacedStore* store) {
    return store->neededFor == NeededFor::Checks || store->knows(ns);
  });
}

}  // namespace errand::state
