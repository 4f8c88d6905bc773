// Keeps a completed pod at its gate until its grant starts, and its images as they were admitted.
#pragma once

#include <optional>
#include <string>

#include "rules/view/podview.hpp"

namespace errand::webhook {

// Why the update of a pod is refused, in words for its author; nothing where it
// is not. `isOperator` says that the operator makes it. The gate is taken away by the operator alone. The
// image of a pod that runs as a grant's or an agent's account stays: it is the one field by which an update
// would put another program in possession of the grant, or of the slot's next one
// (https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement).
std::optional<std::string> refusedUpdate(const rules::PodView& pod, const rules::PodView& old,
                                         bool isOperator);

}  // namespace errand::webhook
