// Reads what there is of agents, and notes what may not be read.
#pragma once

#include <string>

#include "cli/status/view.hpp"
#include "core/kube/client/client.hpp"

namespace errand::cli {

// Of one namespace, or of all where `ns` is empty. Three lists: AgentIdentities, TaskGrants, and the metadata
// of ServiceAccounts with an agent's label. Where one fails, the others are read all the same.
StatusInput readStatusInput(const kube::Client& client, const std::string& ns);

}  // namespace errand::cli
