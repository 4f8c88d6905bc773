#include "rules/inject/automount.hpp"

namespace errand::rules {

bool isApiVolume(const Volume& volume) {
  return volume.hasApiToken() && volume.name.starts_with("kube-api-access-");
}

void removeApiVolumes(const PodView& pod, Patch& patch) {
  // Removes from the end, so that earlier operations do not move the index of a later one.
  for (const Container& container : pod.containers)
    for (size_t i = container.mounts.size(); i-- > 0;)
      if (const Volume* volume = pod.volume(container.mounts[i].volume);
          volume != nullptr && isApiVolume(*volume))
        patch.emplace_back("remove", pathOf(container) + "/volumeMounts/" + std::to_string(i));
  for (size_t i = pod.volumes.size(); i-- > 0;)
    if (isApiVolume(pod.volumes[i])) patch.emplace_back("remove", "/spec/volumes/" + std::to_string(i));
}

void completeAutomount(const PodView& pod, Patch& patch) {
  if (pod.automount) return;
  patch.emplace_back("add", "/spec/automountServiceAccountToken", "false");
  removeApiVolumes(pod, patch);
}

bool isAutomounted(const PodView& pod, const Volume& volume) {
  return pod.automount.value_or(true) && isApiVolume(volume);
}

}  // namespace errand::rules
