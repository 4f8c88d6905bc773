// The problems that keep a grant from starting and need no more than a few objects to be found. The operator
// starts grants by these functions, and `kubectl errand explain` names the same problems by them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/objects.hpp"
#include "core/policy/ceiling.hpp"
#include "core/policy/dangerous.hpp"
#include "core/policy/grantstate.hpp"

namespace errand::policy {

// Returns a problem for a namespace that is not enforced.
std::optional<Problem> enforcementProblem(const GrantState& s);

// Returns a problem for each reason why the pods of the workload would not receive the credentials: their
// labels, or a slot that they do not mount. Empty if the workload or the tool class does not exist.
std::vector<Problem> workloadProblems(const GrantState& s);

// The facts about a role that a grant names. nullopt means not known.
struct RoleState {
  api::RoleRef role;
  std::string_view path;  // the field of the grant, such as spec.access.roles[0]
  std::optional<bool> exists;
  std::optional<bool> mayBind;  // the operator has the verb bind on it
};

// Returns a problem for a role that does not exist, or that the operator may not bind.
std::vector<Problem> roleProblems(const RoleState& state, std::string_view ns);

// Returns a problem if the role has dangers that the tool class does not accept. A role that the tool class
// does not list is left to the ceiling.
std::optional<Problem> dangerProblem(const RoleState& state, std::span<const Danger> dangers,
                                     const api::ToolClass& toolClass, std::string_view agent);

// Returns a problem for the Secret of spec.access.secrets[index] if it does not exist (null), or if it may
// not be leased.
std::optional<Problem> leaseProblem(size_t index, std::string_view name, const api::ObjectMeta* secret);

}  // namespace errand::policy
