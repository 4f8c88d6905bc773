// The names of a grant's RoleBindings, and the roles that they bind.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/api/objects.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::plan {

// Returns the name of the grant's RoleBinding to this role: that of its account, a dot, and ten hexadecimal
// digits of a digest of the role.
std::string bindingName(std::string_view grantUid, const api::RoleRef& role);

// Returns each role of the spec with the path of its field, such as spec.access.roles[0].
std::vector<std::pair<api::RoleRef, std::string>> wantedRoles(const api::TaskGrantSpec& spec);

}  // namespace errand::plan
