// What follows from an Observed without deciding anything: shared by the steps of a plan.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "operator/plan/observed.hpp"

namespace errand::plan {

// A start that has happened, as the grant's account records it.
struct Start {
  Time at;
  std::string workloadUid;
};

// True where the grant made the object: owner uid and label both.
bool isOurs(const api::ObjectMeta& meta, const api::TaskGrant& grant);

// What a grant may take back: what it made, even where the ownerReference is
// gone (deletion with propagation Orphan strips it) or labels were taken off.
bool mayWithdraw(const api::ObjectMeta& meta, const api::TaskGrant& grant);
bool mayWithdraw(const api::RoleBinding& binding, const api::TaskGrant& grant);

// The same of a copy of a leased Secret, by what is written on a copy alone and the name that is made from
// the uid.
bool isLeaseCopy(const api::Object& secret, std::string_view account);
bool mayWithdrawCopy(const api::Object& secret, const api::TaskGrant& grant);

// Reads the account's labels. Status is believed only where it says that the
// start was earlier. Nothing where the grant has not started or its account is gone.
std::optional<Start> startOf(const Observed& o, Time now);

// Whether credentials have ever existed, by the account's labels, the slot or status.
bool everStarted(const Observed& o);

// Whether the grant has passed every check at some time: it has the account that is made then.
bool wasAccepted(const Observed& o);

// Whether the identity is not the one under which the grant was accepted.
bool isAnotherIdentity(const Observed& o);

// Whether the parent is not the grant under which this one was accepted.
bool isAnotherParent(const Observed& o);

const api::ToolClass* toolClassOf(const Observed& o);

// How many people must say yes: the tool class's number, and at least one for a StepUp. The class must be
// there.
std::int32_t approvalsNeeded(const Observed& o);

// When the first of the windows above closes; nothing where one of those grants has not started.
std::optional<Time> ancestorsEnd(const Observed& o, Time now);

// The end of the grant's own window, or of one above it where that is sooner.
Time windowEnd(const Observed& o, const Start& start);

// The credentials that the slot's Secret says it holds; empty where there is none or it is not ours.
std::vector<api::Credential> slotCredentials(const Observed& o);

}  // namespace errand::plan
