// Reads a v1 Pod into a PodView. Only the readers of this folder may use it.
#pragma once

#include "rules/view/podview.hpp"
#include "rules/view/read/review.hpp"

namespace errand::rules {

// Records wrong types in the node's failure. Do not use the view then.
PodView readPod(const JsonNode& object);

// Reads a v1 PodTemplateSpec, which may have no metadata.
PodView readPodTemplate(const JsonNode& object);

}  // namespace errand::rules
