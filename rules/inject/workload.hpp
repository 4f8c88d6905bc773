// Which pod is the one that a grant is for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/api/taskgrant.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

// Returns why the pod does not belong to the grant's workload, as a message for its author; nothing if it
// does. A pod belongs to a Job only if its controller owner reference names the Job, with the uid that
// status.workload has pinned, if any. The request must also come from the Job controller, because any author
// can write an owner reference.
std::optional<std::string> notOfWorkload(const PodView& pod, const api::TaskGrant& grant,
                                         std::string_view user);

}  // namespace errand::rules
