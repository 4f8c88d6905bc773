// Checks whether a pod may be completed from the grant that it names.
#pragma once

#include <optional>
#include <string_view>

#include "core/api/agentidentity.hpp"
#include "core/api/taskgrant.hpp"
#include "core/base/result.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

// Returns why the pod is not eligible and what to do, as a message for its author; nullopt if it is eligible.
// `identity` is the grant's AgentIdentity, or null if it is not known. `user` creates the pod. The error is
// NotFound if only the identity or the grant's account is missing, and Forbidden otherwise.
std::optional<Error> notEligible(const PodView& pod, const api::TaskGrant& grant,
                                 const api::AgentIdentity* identity, std::string_view user);

}  // namespace errand::rules
