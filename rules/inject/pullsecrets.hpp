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
// Returns one warning that names the Secrets, or nothing if the pod stays unchanged. Also annotates the pod
// with the names, because the warning reaches only the controller: the user sees only ImagePullBackOff. Names
// at most eight Secrets, in at most 64 characters.
std::vector<std::string> stripPullSecrets(const PodView& pod, Patch& patch);

}  // namespace errand::rules
