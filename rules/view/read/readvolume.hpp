// Reads one volume of a pod. Only the readers of this folder may use it.
#pragma once

#include "rules/view/podview.hpp"
#include "rules/view/read/review.hpp"

namespace errand::rules {

Volume readVolume(const JsonNode& volume);

}  // namespace errand::rules
