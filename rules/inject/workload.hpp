// Checks whether a pod belongs to the workload of a grant.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/api/taskgrant.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

// Returns why the pod does not belong to the grant's workload, as a message for its author; nullopt if it
// does. `user` creates the pod.
// - For a Job, the pod's controller must be that Job, with the uid in status.workload if there is one. The
//   request must come from the Job controller, because any author can write an owner reference.
// - Other kinds: policy::notOfWorkload().
std::optional<std::string> notOfWorkload(const PodView& pod, const api::TaskGrant& grant,
                                         std::string_view user);

}  // namespace errand::rules
