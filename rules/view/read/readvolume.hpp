// Reads one volume of a pod. For the readers of this folder only.
#pragma once

#include "rules/view/podview.hpp"
#include "rules/view/read/json.hpp"

namespace errand::rules {

Volume readVolume(const Node& volume);

}  // namespace errand::rules
