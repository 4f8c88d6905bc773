// Enrols a namespace in a cluster, with the user's own rights.
#pragma once

#include <functional>
#include <string>

#include "cli/enroll/manifests.hpp"
#include "core/kube/client/client.hpp"

namespace errand::cli {

// Creates missing objects, completes existing ones, and removes nothing. A second run changes nothing. The
// label is set last, so that the operator has its rights when it sees the namespace. `said` gets one line for
// each object. Stops at the first failure. Fails with Conflict if a RoleBinding of an enrolment exists for
// another role or subject.
Result<void> applyEnrolment(const kube::Client& client, const EnrolSpec& spec,
                            const std::function<void(const std::string&)>& said);

}  // namespace errand::cli
