// Removes registry passwords from the pods of workloads.
#pragma once

#include <string>
#include <vector>

#include "rules/inject/patch.hpp"

namespace errand::rules {

// Removes imagePullSecrets from a controller's pod. SC110 has checked the template, so they come from the
// ServiceAccount, whose secrets the API server's admission copies
// (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#serviceaccount). Leaves
// other pods unchanged: SC110 checks them.
//
// Returns a warning that names the Secrets, and annotates the pod with their names: the warning reaches only
// the controller, and all that the user sees is ImagePullBackOff.
std::vector<std::string> stripPullSecrets(const PodView& pod, Patch& patch);

}  // namespace errand::rules
