// Reads the containers of a pod. For the readers of this folder only.
#pragma once

#include "webhook/view/podview.hpp"
#include "webhook/view/read/json.hpp"

namespace errand::webhook {

// Appends the containers of the list `key` of a pod's spec.
void readContainers(const Node& spec, std::string_view key, ContainerRole role, PodView& out);

// By what a securityContext, of a pod or a container, lets a process out of its container.
void readPowers(const Node& context, std::vector<std::string>& out);

}  // namespace errand::webhook
