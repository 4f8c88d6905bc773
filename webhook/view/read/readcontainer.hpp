// Reads the containers of a pod. For the readers of this folder only.
#pragma once

#include "webhook/view/podview.hpp"
#include "webhook/view/read/json.hpp"

namespace errand::webhook {

// Appends the containers of the list `key` of a pod's spec, whose other fields `out` has already.
void readContainers(const Node& spec, std::string_view key, ContainerRole role, PodView& out);

}  // namespace errand::webhook
