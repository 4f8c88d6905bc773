// The API's URL paths, as segments.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/api/resource.hpp"

namespace errand::kube {

inline constexpr std::string_view kMetadataAccept =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
inline constexpr std::string_view kMetadataListAccept =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

// Pass an empty `ns` for a cluster-scoped kind, or for all namespaces.
inline std::vector<std::string> collectionPath(const api::Resource& resource, std::string_view ns) {
  std::vector<std::string> out;
  if (resource.group.empty())
    out = {"api", std::string(resource.version)};
  else
    out = {"apis", std::string(resource.group), std::string(resource.version)};
  if (!ns.empty()) {
    out.emplace_back("namespaces");
    out.emplace_back(ns);
  }
  out.emplace_back(resource.plural);
  return out;
}

inline std::vector<std::string> objectPath(const api::Resource& resource, std::string_view ns,
                                           std::string_view name, std::string_view subresource = {}) {
  std::vector<std::string> out = collectionPath(resource, ns);
  out.emplace_back(name);
  if (!subresource.empty()) out.emplace_back(subresource);
  return out;
}

}  // namespace errand::kube
