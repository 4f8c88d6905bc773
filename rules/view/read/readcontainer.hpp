// Reads the containers of a pod. Only the readers of this folder may use it.
#pragma once

#include "rules/view/podview.hpp"
#include "rules/view/read/review.hpp"

namespace errand::rules {

// Appends the containers in the list `key` of a pod's spec. Set `out.hostUsers` and `out.hostNetwork` first.
// Records wrong types in the node's failure.
void readContainers(const JsonNode& spec, std::string_view key, ContainerRole role, PodView& out);

}  // namespace errand::rules
