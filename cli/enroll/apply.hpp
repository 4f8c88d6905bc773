// Enrols a namespace in a cluster, with the user's own rights.
#pragma once

#include <functional>
#include <string>

#include "cli/enroll/manifests.hpp"
#include "core/kube/client/client.hpp"

namespace errand::cli {

// Creates what is missing, completes what exists, and removes nothing; running it again changes nothing.
// The label comes last, so that the operator has its rights when it learns of the namespace. `said` gets one
// line an object. Stops at the first failure. Fails with Conflict if a RoleBinding of ours exists for another
// role or subject.
Result<void> applyEnrolment(const kube::Client& client, const EnrolSpec& spec,
                            const std::function<void(const std::string&)>& said);

}  // namespace errand::cli
