// The exact scope of a grant: the request, its requester, and the objects that its names refer to. Two
// digests cover it: status.digest the request and its requester, status.effective.digest the objects.
// Approvals, which this version does not evaluate, will refer to both.
#pragma once

#include <optional>
#include <string>

#include "operator/plan/observed.hpp"

namespace errand::plan {

// Returns the value of status.digest: v1:sha256:… of kind, namespace, name, uid, the recorded requester
// (empty if none) and the canonical spec. The canonical spec omits `revoke`, and fields that equal a default.
std::string grantDigest(const api::TaskGrant& grant);

// Returns the value of status.effective: the objects in scope that are known to exist, and their digest
// (v1:sha256:…). Leaves out roles that are not known yet (rolesKnown()). The objects are:
// - the rules of each role, and whether their danger was accepted
// - uid and version of each leased Secret
// - the workload's template
api::TaskGrantStatus::Effective effectiveOf(const Observed& o);

// Returns the recorded scope with the current versions of its leased Secrets. A Secret may be rotated, and
// the status shows the delivered version. A Secret with another uid keeps its recorded version.
api::TaskGrantStatus::Effective rotated(api::TaskGrantStatus::Effective pinned, const Observed& o);

// Returns the scope that the status records; nullopt if no scope was stored yet (it is stored with its
// digest).
std::optional<api::TaskGrantStatus::Effective> pinnedScope(const api::TaskGrant& grant);

// Describes the first change since `pinned` as text for people; nullopt if nothing changed. A leased Secret
// may be rotated, so only its uid is compared. Roles are compared only if rolesKnown(), and the template only
// if the workload exists. The acceptance of danger is not compared: dangerProblems() checks it.
std::optional<std::string> drift(const api::TaskGrantStatus::Effective& pinned, const Observed& o);

}  // namespace errand::plan
