// Values derived from an Observed without deciding anything; shared by the steps of a plan.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "operator/plan/observed.hpp"

namespace errand::plan {

using policy::ancestorsEnd;
using policy::everStarted;
using policy::Start;
using policy::startOf;
using policy::toolClassOf;
using policy::wasAccepted;
using policy::windowEnd;

// True if the object was created for the grant: both the owner's uid and the label with the
// grant's name match.
bool isOurs(const api::ObjectMeta& meta, const api::TaskGrant& grant);

// True if the grant may delete the object, because it was created for the grant. Users may have removed
// labels, and a deletion with propagation Orphan removes the owner, so each of these is enough:
// - isOurs()
// - the label with the grant's uid
// - the owner, for a Secret that lists credentials
// - the grant's account as the only subject, for a RoleBinding
bool mayRevoke(const api::ObjectMeta& meta, const api::TaskGrant& grant);
bool mayRevoke(const api::RoleBinding& binding, const api::TaskGrant& grant);

// True if the only subject is this account, in the binding's own namespace.
bool bindsOnly(const api::RoleBinding& binding, std::string_view account);

// True if every requested role is RoleFact::known.
bool rolesKnown(const Observed& o);

// True for a copy of a leased Secret of the grant with this account. Compares only the name, which begins
// with the account's, and the presence of the annotation errand.dev/leased.
bool isLeaseCopy(const api::PartialObject& secret, std::string_view account);
// True if mayRevoke(), or the Secret is a copy of the grant by its name and annotation.
bool mayRevokeCopy(const api::PartialObject& secret, const api::TaskGrant& grant);

// True if the account exists, and the status names its uid. A status from an earlier version may name no uid.
// In that case the grant must have started, and the account must be isOurs().
bool hasItsAccount(const Observed& o);

// Returns the time from which pods, workloads and their controllers count: their namespace is enforced, and
// the guards hold. Uses the namespace's time alone if that of the guards is unknown. Returns nullopt if the
// namespace has none.
std::optional<Time> countsFrom(const Observed& o);

// Returns the number of required approvals: that of the tool class, and at least one for a StepUp. The tool
// class must exist.
std::int32_t approvalsNeeded(const Observed& o);

// Returns the credentials that the slot's Secret lists. Empty if there is no such Secret, it is not the
// grant's, or its list cannot be read.
std::vector<api::Credential> slotCredentials(const Observed& o);

}  // namespace errand::plan
