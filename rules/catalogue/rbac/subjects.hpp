// Finds agents' accounts among the subjects of RBAC bindings.
#pragma once

#include <string_view>

#include "rules/view/objectview.hpp"

namespace errand::rules {

// True if the subject is an agent's ServiceAccount, the User of one, or a group that can contain one. Only
// accounts of the namespace `ns` count, or of any namespace if `ns` is empty. A ServiceAccount without a
// namespace counts as one of `ns`.
bool isAgent(const Subject& subject, std::string_view ns);

// Returns the namespace of a service account, or of the group of one namespace's accounts. Empty for any
// other subject.
std::string_view namespaceOf(const Subject& subject);

}  // namespace errand::rules
