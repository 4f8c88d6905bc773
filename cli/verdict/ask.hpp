// Questions to the API server about users.
#pragma once

#include <string>

#include "cli/verdict/verdict.hpp"
#include "core/kube/client/client.hpp"

namespace errand::cli {

// Returns the answer of the API server's authorizers. An empty user means the user of this command.
Read<bool> ask(const kube::Client& client, const kube::AccessQuestion& question);

// Returns the user of this command, as the API server sees it (SelfSubjectReview).
Result<std::string> userName(const kube::Client& client);

}  // namespace errand::cli
