// The names of the objects that a grant owns, derived from its uid.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/api/objects.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::plan {

// Returns the name of the grant's RoleBinding to this role.
std::string bindingName(std::string_view grantUid, const api::RoleRef& role);

// Returns each role of the spec with its field path.
std::vector<std::pair<api::RoleRef, std::string>> wantedRoles(const api::TaskGrantSpec& spec);

}  // namespace errand::plan
