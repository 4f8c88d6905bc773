// Reads the objects of agents, and records what could not be read.
#pragma once

#include <string>

#include "cli/status/view.hpp"
#include "core/kube/client/client.hpp"

namespace errand::cli {

// Reads one namespace, or all if `ns` is empty. Sends three list requests: AgentIdentities, TaskGrants, and
// the metadata of ServiceAccounts with an agent's label. If one fails, the others are still read.
StatusInput readStatusInput(const kube::Client& client, const std::string& ns);

}  // namespace errand::cli
