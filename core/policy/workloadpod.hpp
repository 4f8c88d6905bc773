// Checks if a pod belongs to a grant's workload.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/api/meta.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::policy {

struct PodIdentity {
  std::string_view name, uid;
  const api::OwnerReference* controller = nullptr;
  std::optional<Time> created;  // none at admission: the pod is being created
};

// Returns why a pod is not one of the grant's workload, as text to follow the grant's name; none if it is.
// Once the grant has seen a uid (status.workload), the controller must have it: a label or a name can be
// copied. A pod older than `enforcedSince` belongs to no grant: admission never checked it. The caller must
// check which user creates the pod.
std::optional<std::string> notOfWorkload(const PodIdentity& pod, const api::TaskGrant& grant,
                                         std::optional<Time> enforcedSince);

}  // namespace errand::policy
