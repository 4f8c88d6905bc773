// Builds a grant's status: conditions as kstatus and api-machinery expect them.
#pragma once

#include <string>
#include <string_view>

#include "core/policy/conditions.hpp"
#include "operator/plan/checks/ending.hpp"
#include "operator/plan/plan.hpp"

namespace errand::plan {

// Starts from the status that is stored, for this generation, with the facts that always hold.
api::TaskGrantStatus baseStatus(const Observed& o);

// Each changes the conditions of its step, and the phase if the step has one.
void reportWaiting(api::TaskGrantStatus& status, const Observed& o, api::Phase phase, Reason reason,
                   std::string message, Time now);
void reportStalled(api::TaskGrantStatus& status, const Observed& o, Reason reason, std::string message,
                   Time now);
// The start is stored before any credentials are issued: the window begins here.
void reportStart(api::TaskGrantStatus& status, const Observed& o, Time startedAt, Time endsAt, Time now);
void reportActive(api::TaskGrantStatus& status, const Observed& o, Time startedAt, Time endsAt, Time now);
void reportEnded(api::TaskGrantStatus& status, const Observed& o, const Ending& ending, bool hadCredentials,
                 Time now);
// Records which pods that ran at the end have ended since. Keeps the records of earlier plans.
void reportPods(api::TaskGrantStatus& status, const Observed& o);
// Clears Stalled if reportBlocked has set it. Clears what reportRunsOn has set if `allTold`: every run is
// ending.
void reportUnblocked(api::TaskGrantStatus& status, const Observed& o, bool allTold, Time now);
// Reports that something of an ended grant could not be revoked.
void reportBlocked(api::TaskGrantStatus& status, const Observed& o, std::string message, Time now);
// Reports that a pod or Job of an ended grant could not be ended. Its rights may already be gone.
void reportRunsOn(api::TaskGrantStatus& status, const Observed& o, std::string message, Time now);
void reportConfirmed(api::TaskGrantStatus& status, const Proof& proof, std::string_view confirmedBy,
                     std::int64_t generation, Time now);

// Records the objects that the grant's names refer to, and the current workload.
void reportScope(api::TaskGrantStatus& status, const Observed& o);

// Makes text that may hold a user's words fit the schema of a message: cut at a
// character's boundary, and without anything that looks like a JSON Web Token,
// which the API server would refuse in a status.
std::string presentable(std::string text, size_t maxBytes = 1024);

}  // namespace errand::plan
