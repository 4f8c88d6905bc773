// Which pod belongs to a grant's workload.
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

// Why a pod is not one of the grant's workload, in words that go on after the grant's name; none where it is.
// A controller is told by the uid that the grant has seen (status.workload), once it has seen one: a label or
// a name can be copied. A pod older than `enforcedSince` belongs to nobody: admission never checked it. Who
// creates the pod is the caller's to check.
std::optional<std::string> notOfWorkload(const PodIdentity& pod, const api::TaskGrant& grant,
                                         std::optional<Time> enforcedSince);

}  // namespace errand::policy
