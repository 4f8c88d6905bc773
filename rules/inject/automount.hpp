// Removes the service account's token from pods that do not request it.
#pragma once

#include "rules/inject/patch.hpp"

namespace errand::rules {

// If automountServiceAccountToken is not set, sets it to false. Then removes the volumes and mounts that the
// API server's ServiceAccount admission has added. A pod that sets the field, even to true, stays unchanged:
// rule SC101 checks it.
void completeAutomount(const PodView& pod, Patch& patch);

// Removes the volumes kube-api-access-* that hold an API token, and their mounts.
void removeApiVolumes(const PodView& pod, Patch& patch);

// True if the volume has the form of the one that the ServiceAccount admission adds: an API token, and a name
// kube-api-access-* (https://kubernetes.io/docs/concepts/storage/projected-volumes/#serviceaccounttoken). The
// pod's author may have written such a volume as well.
bool isApiVolume(const Volume& volume);

// True if isApiVolume(), in a pod that allows automounting. SC101 rejects such a pod. Other rules skip the
// token, so that one fault is not reported three times.
bool isAutomounted(const PodView& pod, const Volume& volume);

}  // namespace errand::rules
