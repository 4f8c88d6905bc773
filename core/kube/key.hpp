// The key of an object within its kind: namespace and name.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>

namespace errand::kube {

// `ns` is empty for cluster-scoped kinds, as in Kubernetes' types.NamespacedName.
struct ObjectKey {
  std::string ns, name;
  auto operator<=>(const ObjectKey&) const = default;
};

// For unordered containers.
struct ObjectKeyHash {
  std::size_t operator()(const ObjectKey& key) const noexcept {
    const std::size_t h = std::hash<std::string>{}(key.ns);
    return h ^ (std::hash<std::string>{}(key.name) + 0x9e3779b97f4a7c15ULL + (h << 6) + (h >> 2));
  }
};

}  // namespace errand::kube
