// Who is an agent to RBAC.
#pragma once

#include <string_view>

#include "rules/view/objectview.hpp"

namespace errand::rules {

// Whether the subject is an account of an agent, by whatever name: a
// ServiceAccount, the User that it is, or a group that holds it, in the
// namespace `ns` (any, where it is empty).
bool isAgent(const Subject& subject, std::string_view ns);

// Whose account the subject is, or whose accounts it holds, where it is one or a group of them; empty where
// it is not of one namespace.
std::string_view namespaceOf(const Subject& subject);

}  // namespace errand::rules
