// Reads any object into an ObjectView. Only the readers of this folder may use it.
#pragma once

#include "rules/view/objectview.hpp"
#include "rules/view/read/review.hpp"

namespace errand::rules {

// Records wrong types in the node's failure. Do not use the view then.
ObjectView readObject(const JsonNode& object);

}  // namespace errand::rules
