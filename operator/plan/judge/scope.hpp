// What exactly a grant asks for and gets: what was asked, by whom, and what its
// names stand for at this moment. Approvals bind to both digests.
#pragma once

#include <optional>
#include <string>

#include "operator/plan/observed.hpp"

namespace errand::plan {

// v1:sha256:… over kind, namespace, name, uid, the requester that admission has
// recorded (empty where none is) and the canonical spec: everything but `revoke`,
// values equal to a default left out.
std::string grantDigest(const api::TaskGrant& grant);

// The greater of the task's risk and the tool class's minimum; the task's alone where there is no class.
api::Risk effectiveRisk(const api::TaskGrantSpec& spec, const api::ToolClass* toolClass);

// Rules of each role, uid and version of each leased Secret, the workload's
// template; what does not exist is left out. With a v1:sha256:… digest of all that.
api::TaskGrantStatus::Effective effectiveOf(const Observed& o);

// The scope that the grant's account has on record; nothing where there is none.
std::optional<api::TaskGrantStatus::Effective> pinnedScope(const Observed& o);

// What is no longer as it was, for a person; nothing where all is. A leased
// Secret may be rotated: its version is not compared, its uid is. What is not
// known at this moment is not compared either.
std::optional<std::string> drift(const api::TaskGrantStatus::Effective& pinned, const Observed& o);

// As PinScope and MarkStarted write it.
std::string scopeText(const api::TaskGrantStatus::Effective& effective);

}  // namespace errand::plan
