// Builds a grant's status, with the conditions that kstatus and api-machinery define.
#pragma once

#include <string>
#include <string_view>

#include "core/policy/conditions.hpp"
#include "operator/plan/checks/ending.hpp"
#include "operator/plan/plan.hpp"

namespace errand::plan {

// Returns the stored status with this generation and the facts that hold in every phase.
api::TaskGrantStatus baseStatus(const Observed& o);

// Each function sets the conditions of its step, and the phase if the step has one.
void reportWaiting(api::TaskGrantStatus& status, const Observed& o, api::Phase phase, Reason reason,
                   std::string message, Time now);
void reportStalled(api::TaskGrantStatus& status, const Observed& o, Reason reason, std::string message,
                   Time now);
// Reports the start, which is stored before any credentials are issued. The window begins at `startedAt`.
void reportStart(api::TaskGrantStatus& status, const Observed& o, Time startedAt, Time endsAt, Time now);
void reportActive(api::TaskGrantStatus& status, const Observed& o, Time startedAt, Time endsAt, Time now);
void reportEnded(api::TaskGrantStatus& status, const Observed& o, const Ending& ending, bool hadCredentials,
                 Time now);
// Records which of the pods that ran at the end have ended. Keeps the records of earlier plans.
void reportPods(api::TaskGrantStatus& status, const Observed& o);
// Clears Stalled if reportBlocked has set it. Clears what reportRunsOn has set if `allTold`, which means that
// every run is ending.
void reportUnblocked(api::TaskGrantStatus& status, const Observed& o, bool allTold, Time now);
// Reports that a part of an ended grant could not be revoked.
void reportBlocked(api::TaskGrantStatus& status, const Observed& o, std::string message, Time now);
// Reports that a pod or Job of an ended grant could not be ended. Its rights may already be gone.
void reportRunsOn(api::TaskGrantStatus& status, const Observed& o, std::string message, Time now);
void reportConfirmed(api::TaskGrantStatus& status, const Proof& proof, std::string_view confirmedBy,
                     std::int64_t generation, Time now);

// Records the objects that the grant's names refer to, and the current workload.
void reportScope(api::TaskGrantStatus& status, const Observed& o);

// Makes text that may hold a user's words fit the schema of a message. Cuts it between characters to
// `maxBytes`, and masks anything that looks like a JSON Web Token: the API server rejects a status
// that holds one.
std::string presentable(std::string text, size_t maxBytes = 1024);

}  // namespace errand::plan
