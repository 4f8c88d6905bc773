// Reads a v1 Pod into a PodView. Only the readers of this folder may use it.
#pragma once

#include "rules/view/podview.hpp"
#include "rules/view/read/review.hpp"

namespace errand::rules {

// Records errors in the node's failure: wrong types, no metadata, no spec. If there is one, do not use the
// view.
PodView readPod(const JsonNode& object);

// Reads a v1 PodTemplateSpec like readPod(). It may have no metadata.
PodView readPodTemplate(const JsonNode& object);

}  // namespace errand::rules
