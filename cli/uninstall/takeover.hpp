// Uninstalls, or frees one namespace, without the operator: this process revokes with its user's rights.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "cli/uninstall/remove.hpp"
#include "core/base/time.hpp"
#include "core/kube/client/client.hpp"

namespace errand::cli {

// Returns the time after which no token of these grants is valid anywhere. Services that verify tokens by
// signature alone accept them until then, although the API server rejects the tokens of a deleted account.
Time lastTokenOf(const std::vector<api::TaskGrant>& grants, Time now);

// Returns the merge patch that releases a grant: it removes the operator's finalizer, and requests the
// revocation, so that no operator that is installed later starts the grant.
nlohmann::json releaseOf(const api::TaskGrant& grant);

// Deletes rights, then Secrets, then accounts. Then it ends the workloads of Projected grants, releases the
// grants, and removes the rest. Fails with Conflict if the operator runs. It can be repeated.
Result<void> takeOver(const kube::Client& client, const Removal& removal, const Say& say);

}  // namespace errand::cli
