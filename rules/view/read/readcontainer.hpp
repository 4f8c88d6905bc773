// Reads the containers of a pod. For the readers of this folder only.
#pragma once

#include "rules/view/podview.hpp"
#include "rules/view/read/review.hpp"

namespace errand::rules {

// Appends the containers of the list `key` of a pod's spec, whose other fields `out` has already.
void readContainers(const JsonNode& spec, std::string_view key, ContainerRole role, PodView& out);

}  // namespace errand::rules
