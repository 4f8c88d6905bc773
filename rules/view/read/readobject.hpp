// Reads any object into an ObjectView. Only the readers of this folder may use it.
#pragma once

#include "rules/view/objectview.hpp"
#include "rules/view/read/review.hpp"

namespace errand::rules {

// Records errors in the node's failure, such as wrong types. If there is one, do not use the view.
ObjectView readObject(const JsonNode& object);

}  // namespace errand::rules
