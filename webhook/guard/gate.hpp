// Keeps a completed pod at its gate until its grant starts, and keeps its images as admitted.
#pragma once

#include <optional>
#include <string>

#include "rules/view/podview.hpp"

namespace errand::webhook {

// Returns why the update of a pod is refused, as text for its author; nullopt if it is allowed. Only the
// operator (`isOperator`) may remove the gate. The images of a pod that runs as a grant's or an agent's
// account are immutable, except those of ephemeral containers. An image is the only field by which an update
// could give the credentials to another program
// (https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement).
std::optional<std::string> refusedUpdate(const rules::PodView& pod, const rules::PodView& old,
                                         bool isOperator);

}  // namespace errand::webhook
