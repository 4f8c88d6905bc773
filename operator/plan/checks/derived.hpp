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

// True if the object was created for the grant: both owner uid and label match.
bool isOurs(const api::ObjectMeta& meta, const api::TaskGrant& grant);

// True if the grant may delete the object, because it was created for the grant. Holds even if the
// ownerReference was removed (a deletion with propagation Orphan does that) or labels were removed.
bool mayRevoke(const api::ObjectMeta& meta, const api::TaskGrant& grant);
bool mayRevoke(const api::RoleBinding& binding, const api::TaskGrant& grant);

// True if the only subject is this account, in the binding's own namespace.
bool bindsOnly(const api::RoleBinding& binding, std::string_view account);

// True if every requested role is known: whether it exists, and its rules.
bool rolesKnown(const Observed& o);

// True for a copy of a leased Secret. Only its annotation and its name, which is derived from the grant's
// uid, are compared.
bool isLeaseCopy(const api::PartialObject& secret, std::string_view account);
bool mayRevokeCopy(const api::PartialObject& secret, const api::TaskGrant& grant);

// True if the status names this account by uid. A status from an earlier version may name no uid. In that
// case a started grant must have created the account.
bool hasItsAccount(const Observed& o);

// Returns the time from which pods, workloads and their controllers count: since then their namespace is
// enforced and the guards hold. Returns nullopt if the namespace has no such time.
std::optional<Time> countsFrom(const Observed& o);

// Returns the number of required approvals: that of the tool class, and at least one for a StepUp. The tool
// class must exist.
std::int32_t approvalsNeeded(const Observed& o);

// Returns the credentials that the slot's Secret lists. Empty if there is no such Secret or it is
// not the grant's.
std::vector<api::Credential> slotCredentials(const Observed& o);

}  // namespace errand::plan
