// Checks whether a pod belongs to a grant's workload.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/api/meta.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::policy {

// The fields of a pod that decide to which workload it belongs. Its views and pointer refer to the pod.
struct PodIdentity {
  std::string_view name, uid;
  const api::OwnerReference* controller = nullptr;
  std::optional<Time> created;  // nullopt at admission, before the pod exists
};

// Returns why a pod does not belong to the grant's workload, as text to follow the grant's name. Returns
// nullopt if it belongs.
// - If status.workload has a uid, the controller (for kind Pod the pod itself) must have it, because a label
//   or a name can be copied.
// - An existing pod must have been created at or after `enforcedSince`, because admission never checked older
//   ones. Without `enforcedSince` none belongs.
// - No pod of a Deployment or StatefulSet belongs: it receives credentials in a slot.
// - The caller must check which user creates the pod.
std::optional<std::string> notOfWorkload(const PodIdentity& pod, const api::TaskGrant& grant,
                                         std::optional<Time> enforcedSince);

}  // namespace errand::policy
