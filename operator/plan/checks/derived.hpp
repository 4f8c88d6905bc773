// What follows from an Observed without deciding anything: shared by the steps of a plan.
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

// True where the grant made the object: owner uid and label both.
bool isOurs(const api::ObjectMeta& meta, const api::TaskGrant& grant);

// What a grant may take back: what it made, even where the ownerReference is
// gone (deletion with propagation Orphan strips it) or labels were taken off.
bool mayWithdraw(const api::ObjectMeta& meta, const api::TaskGrant& grant);
bool mayWithdraw(const api::RoleBinding& binding, const api::TaskGrant& grant);

// The same of a copy of a leased Secret, by what is written on a copy alone and the name that is made from
// the uid.
bool isLeaseCopy(const api::PartialObject& secret, std::string_view account);
bool mayWithdrawCopy(const api::PartialObject& secret, const api::TaskGrant& grant);

// Whether the account is the one that the status names by its uid. Of a grant that an earlier version has
// started, whose status names none, the account that it made.
bool hasItsAccount(const Observed& o);

// From when on pods, workloads and the controllers above them count: since then their namespace is enforced,
// and the guards hold. None while that is not known.
std::optional<Time> countsFrom(const Observed& o);

// How many people must say yes: the tool class's number, and at least one for a StepUp. The class must be
// there.
std::int32_t approvalsNeeded(const Observed& o);

// The credentials that the slot's Secret says it holds; empty where there is none or it is not ours.
std::vector<api::Credential> slotCredentials(const Observed& o);

}  // namespace errand::plan
