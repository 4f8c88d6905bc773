// Reads the containers of a pod. Only the readers of this folder may use it.
#pragma once

#include "rules/view/podview.hpp"
#include "rules/view/read/review.hpp"

namespace errand::rules {

// Appends the containers in the list `key` of a pod's spec. Read the other fields of `out` first.
void readContainers(const JsonNode& spec, std::string_view key, ContainerRole role, PodView& out);

}  // namespace errand::rules
