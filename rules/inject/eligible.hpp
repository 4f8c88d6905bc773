// Whether a pod may be completed from the grant that it names.
#pragma once

#include <optional>
#include <string_view>

#include "core/api/agentidentity.hpp"
#include "core/api/taskgrant.hpp"
#include "core/base/result.hpp"
#include "rules/view/podview.hpp"

namespace errand::rules {

// Why not, in words for the pod's author, with the way out; nothing where it
// may. `identity` is null where it is not known. NotFound where only the identity
// or the grant's account is missing so far, Forbidden else.
std::optional<Error> notEligible(const PodView& pod, const api::TaskGrant& grant,
                                 const api::AgentIdentity* identity, std::string_view user);

}  // namespace errand::rules
