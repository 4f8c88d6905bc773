// Reads the chain that `explain` checks, with the user's own rights.
#pragma once

#include <string>

#include "cli/explain/facts.hpp"
#include "core/kube/client/client.hpp"

namespace errand::cli {

// Reads what exists around the target. If the target has no kind, takes the TaskGrant, Job or Pod of that
// name; fails with Invalid if several of them exist. An object that the user may not read becomes unknown.
// Never reads the data of a Secret. Fails if the API server does not answer.
Result<ExplainFacts> readChain(const kube::Client& client, const std::string& ns, const ObjectName& target,
                               const std::string& operatorNamespace);

}  // namespace errand::cli
