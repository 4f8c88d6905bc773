// Reads one volume of a pod. For the readers of this folder only.
#pragma once

#include "webhook/view/podview.hpp"
#include "webhook/view/read/json.hpp"

namespace errand::webhook {

Volume readVolume(const Node& volume);

}  // namespace errand::webhook
