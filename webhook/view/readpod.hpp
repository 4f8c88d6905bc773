// Reads a v1 Pod into a PodView. For the readers of this folder only.
#pragma once

#include "webhook/view/json.hpp"
#include "webhook/view/podview.hpp"

namespace errand::webhook {

// Wrong types are left in the node's failure; the view is then of no use.
PodView readPod(const Node& object);

}  // namespace errand::webhook
