// Reads a v1 Pod into a PodView. For the readers of this folder only.
#pragma once

#include "webhook/view/podview.hpp"
#include "webhook/view/read/json.hpp"

namespace errand::webhook {

// Wrong types are left in the node's failure; the view is then of no use.
PodView readPod(const Node& object);

// A v1 PodTemplateSpec, which may lack its metadata.
PodView readPodTemplate(const Node& object);

}  // namespace errand::webhook
