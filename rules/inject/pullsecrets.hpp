// Takes registry passwords out of the pods of workloads.
#pragma once

#include "rules/inject/patch.hpp"

namespace errand::rules {

// A controller's pod names no registry password of its own: SC110 has checked the
// template, so what is there came from the ServiceAccount, whose secrets the API
// server's own admission copies
// (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#serviceaccount).
// Any other pod is left to SC110.
void stripPullSecrets(const PodView& pod, Patch& patch);

}  // namespace errand::rules
