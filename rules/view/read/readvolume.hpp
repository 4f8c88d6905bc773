// Reads one volume of a pod. Only the readers of this folder may use it.
#pragma once

#include "rules/view/podview.hpp"
#include "rules/view/read/review.hpp"

namespace errand::rules {

// Records wrong types in the node's failure. A source that this version does not know is no error: it is in
// Volume::unknownSources.
Volume readVolume(const JsonNode& volume);

}  // namespace errand::rules
