// UPDATE of pods/ephemeralcontainers: the rules check the containers that it adds.
#include <algorithm>

#include "webhook/handlers/handler.hpp"
#include "webhook/outcome.hpp"

namespace errand::webhook {
namespace {

bool isEphemeral(const rules::Container& container) {
  return container.role == rules::ContainerRole::Ephemeral;
}

bool hasEphemeral(const rules::PodView& pod, std::string_view name) {
  return std::ranges::any_of(pod.containers,
                             [&](const auto& other) { return isEphemeral(other) && other.name == name; });
}

}  // namespace

Outcome handle(const Call& call, const rules::EphemeralContainersUpdate& request) {
  if (call.path == Path::Mutate) return allow(call);
  const rules::PodView& pod = request.pod;
  rules::CheckInput input{call.context(), pod, rules::CheckStage::EphemeralAdded, {}};
  // An update cannot change existing ephemeral containers.
  for (const rules::Container& container : pod.containers)
    if (isEphemeral(container) && !(request.old && hasEphemeral(*request.old, container.name)))
      input.containers.push_back(&container);
  return answer(call, evaluate(input), {"Pod", pod.name, &pod}, call.mode());
}

}  // namespace errand::webhook
