// The exact scope of a grant: the request, its requester, and the objects that its names refer to at this
// moment. One digest covers request and requester, another the objects. Approvals bind to both.
#pragma once

#include <optional>
#include <string>

#include "operator/plan/observed.hpp"

namespace errand::plan {

// Returns v1:sha256:… over kind, namespace, name, uid, the requester that admission has recorded (empty if
// none) and the canonical spec. The canonical spec leaves out `revoke` and values equal to a default.
std::string grantDigest(const api::TaskGrant& grant);

// Returns the rules of each role and whether their danger was accepted, uid and version of each leased
// Secret, and the workload's template. Objects that do not exist are left out. `digest` is a v1:sha256:…
// digest of all that.
api::TaskGrantStatus::Effective effectiveOf(const Observed& o);

// Returns the recorded scope with the current versions of its leased Secrets. A Secret may be rotated, and
// the status shows which version is delivered.
api::TaskGrantStatus::Effective rotated(api::TaskGrantStatus::Effective pinned, const Observed& o);

// Returns the scope that the status records; nullopt if it was never seen whole.
std::optional<api::TaskGrantStatus::Effective> pinnedScope(const api::TaskGrant& grant);

// Describes for a person the first change since `pinned`; nullopt if nothing changed. A leased Secret may be
// rotated, so its uid is compared but its version is not. Objects that are not known at this moment are not
// compared.
std::optional<std::string> drift(const api::TaskGrantStatus::Effective& pinned, const Observed& o);

}  // namespace errand::plan
