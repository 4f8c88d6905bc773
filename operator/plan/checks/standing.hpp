// Finds rights that an agent's account has without a grant: bindings to the account, to its user name, or to
// a group that contains every account.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "operator/plan/checks/check.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

// Returns the keys under which an index lists a binding: one for each agent's account, and for each group of
// accounts, among its subjects. Returns none for a ClusterRole that Kubernetes binds to every user (such as
// discovery) or that is in `ignored`.
std::vector<std::string> standingKeys(const api::RoleBinding& binding,
                                      const std::vector<std::string>& ignored = {});

// Returns the key of the bindings to an account.
std::string keyOfAccount(std::string_view ns, std::string_view account);
// Returns the keys of the bindings to groups that contain every account of the namespace.
std::vector<std::string> keysOfGroups(std::string_view ns);

// Returns one problem for each binding in `o.standing`.
std::vector<Problem> standingProblems(const Observed& o);

}  // namespace errand::plan
