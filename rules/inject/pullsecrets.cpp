#include "rules/inject/pullsecrets.hpp"

namespace errand::rules {

void stripPullSecrets(const PodView& pod, Patch& patch) {
  if (pod.controller() != nullptr && !pod.imagePullSecrets.empty())
    patch.emplace_back("remove", "/spec/imagePullSecrets");
}

}  // namespace errand::rules
