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

// Rules of each role and whether their danger was accepted, uid and version of each leased Secret, the
// workload's template; what does not exist is left out. With a v1:sha256:… digest of all that.
api::TaskGrantStatus::Effective effectiveOf(const Observed& o);

// The scope on record with the versions that its leased Secrets have now: a Secret
// may be rotated, and who reads the status sees which version is given out.
api::TaskGrantStatus::Effective rotated(api::TaskGrantStatus::Effective pinned, const Observed& o);

// The scope that the status has on record; none where it was never seen whole.
std::optional<api::TaskGrantStatus::Effective> pinnedScope(const api::TaskGrant& grant);

// What is no longer as it was, for a person; nothing where all is. A leased
// Secret may be rotated: its version is not compared, its uid is. What is not
// known at this moment is not compared either.
std::optional<std::string> drift(const api::TaskGrantStatus::Effective& pinned, const Observed& o);

}  // namespace errand::plan
