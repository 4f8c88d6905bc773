// Reads one volume of a pod. For the readers of this folder only.
#pragma once

#include "rules/view/podview.hpp"
#include "rules/view/read/review.hpp"

namespace errand::rules {

Volume readVolume(const JsonNode& volume);

}  // namespace errand::rules
