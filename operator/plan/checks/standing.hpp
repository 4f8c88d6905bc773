// Finds rights that an agent's account has without a grant: bindings to the account, to its user name, or to
// a group that contains every account.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "operator/plan/checks/check.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

// Returns the keys under which an index lists a binding: those of the agents' accounts that may get rights by
// it. Empty for a role that Kubernetes binds to every user (such as discovery), for the roles in `ignored`,
// and for a binding without an agent's account.
std::vector<std::string> standingKeys(const api::RoleBinding& binding,
                                      const std::vector<std::string>& ignored = {});

// Returns the key of the bindings to an account.
std::string keyOfAccount(std::string_view ns, std::string_view account);
// Returns the keys of the bindings to groups that contain every account of the namespace.
std::vector<std::string> keysOfGroups(std::string_view ns);

// Returns one problem for each binding, with its name.
std::vector<Problem> standingProblems(const Observed& o);

}  // namespace errand::plan
