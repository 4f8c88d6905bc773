// Takes the service account's token out of a pod that did not ask for it.
#pragma once

#include "rules/inject/patch.hpp"

namespace errand::rules {

// Where automountServiceAccountToken is unset: sets it to false and removes what
// the API server's ServiceAccount admission has added by then. Where it is set,
// true included, nothing is changed: rule SC101 checks it.
void completeAutomount(const PodView& pod, Patch& patch);

// Removes the volumes kube-api-access-* that hold an API token, and their mounts.
void removeApiVolumes(const PodView& pod, Patch& patch);

// Whether the volume is the one that the ServiceAccount admission adds
// (https://kubernetes.io/docs/concepts/storage/projected-volumes/#serviceaccounttoken).
bool isApiVolume(const Volume& volume);

// Whether it is there because the pod lets the token be mounted, which SC101
// refuses: to report its token by other rules, too, would say one thing three times.
bool isAutomounted(const PodView& pod, const Volume& volume);

}  // namespace errand::rules
