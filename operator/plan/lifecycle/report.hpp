// Builds a grant's status, with the conditions that kstatus and api-machinery define.
#pragma once

#include <string>
#include <string_view>

#include "core/policy/conditions.hpp"
#include "operator/plan/checks/ending.hpp"
#include "operator/plan/plan.hpp"

namespace errand::plan {

// Returns the stored status with the grant's generation, digest, requester and risk.
api::TaskGrantStatus baseStatus(const Observed& o);

// Each function sets conditions in `status`, and the phase if its step has one. reportStalled() keeps
// the phase Active.
void reportWaiting(api::TaskGrantStatus& status, const Observed& o, api::Phase phase, Reason reason,
                   std::string message, Time now);
void reportStalled(api::TaskGrantStatus& status, const Observed& o, Reason reason, std::string message,
                   Time now);
// Reports the start, which is stored before any credentials are issued. The window begins at `startedAt`.
void reportStart(api::TaskGrantStatus& status, const Observed& o, Time startedAt, Time endsAt, Time now);
void reportActive(api::TaskGrantStatus& status, const Observed& o, Time startedAt, Time endsAt, Time now);
void reportEnded(api::TaskGrantStatus& status, const Observed& o, const Ending& ending, bool hadCredentials,
                 Time now);
// Records which pods run, and which of those in earlier records have ended. Each list has at most ten names,
// as in the schema.
void reportPods(api::TaskGrantStatus& status, const Observed& o);
// Clears Stalled if reportBlocked() has set it. Pass true for `allEnding` if every run is ending; it then
// also clears what reportRunsOn() has set.
void reportUnblocked(api::TaskGrantStatus& status, const Observed& o, bool allEnding, Time now);
// Reports that a part of an ended grant could not be revoked.
void reportBlocked(api::TaskGrantStatus& status, const Observed& o, std::string message, Time now);
// Reports that a pod or Job of an ended grant could not be ended. Its rights may already be gone.
void reportRunsOn(api::TaskGrantStatus& status, const Observed& o, std::string message, Time now);
// Reports that no token is valid. `confirmedBy` is TokenReview or Expiry.
void reportConfirmed(api::TaskGrantStatus& status, const Proof& proof, std::string_view confirmedBy,
                     std::int64_t generation, Time now);

// Records the objects that the grant's names refer to, and the workload if it exists. Requires rolesKnown(o).
void reportScope(api::TaskGrantStatus& status, const Observed& o);

// Prepares text for a status. Replaces everything that looks like a JSON Web Token, because the API server
// rejects a status with one. Cuts longer text between characters to at most `maxBytes`, which must be at
// least three. The default is the schema's limit of a message.
std::string presentable(std::string text, size_t maxBytes = 1024);

}  // namespace errand::plan
