// Rights that an agent's account has without a grant: bindings to it, to its user name, or to a group that
// holds every account.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "operator/plan/checks/check.hpp"
#include "operator/plan/observed.hpp"

namespace errand::plan {

// Under which keys an index finds a binding: those of the agents' accounts that it may give rights to. Empty
// for a role that Kubernetes itself gives to everybody (discovery and the like), and for a binding that
// names no account of ours. `ignored` are further ClusterRoles that everybody may have.
std::vector<std::string> standingKeys(const api::RoleBinding& binding,
                                      const std::vector<std::string>& ignored = {});

// The key under which the bindings of an account are found.
std::string keyOfAccount(std::string_view ns, std::string_view account);
// The keys under which the bindings of groups are found that hold every account of the namespace.
std::vector<std::string> keysOfGroups(std::string_view ns);

// One problem for each binding, with its name.
std::vector<Problem> standingProblems(const Observed& o);

}  // namespace errand::plan
