// Reads a v1 Pod into a PodView. For the readers of this folder only.
#pragma once

#include "rules/view/podview.hpp"
#include "rules/view/read/review.hpp"

namespace errand::rules {

// Wrong types are left in the node's failure; the view is then of no use.
PodView readPod(const JsonNode& object);

// A v1 PodTemplateSpec, which may lack its metadata.
PodView readPodTemplate(const JsonNode& object);

}  // namespace errand::rules
