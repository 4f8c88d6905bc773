// Which pod is the one that a grant is for.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/api/taskgrant.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

// Why the pod is not of the grant's workload, in words for its author; nothing
// where it is. A Job's pod is its only if the controller owner reference says so
// (with the uid that status.workload has pinned, where it has) and the request
// comes from the Job controller: anybody can write an owner reference.
std::optional<std::string> notOfWorkload(const PodView& pod, const api::TaskGrant& grant,
                                         std::string_view user);

}  // namespace errand::rules
