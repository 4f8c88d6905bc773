// Reads any object into an ObjectView. For the readers of this folder only.
#pragma once

#include "rules/view/objectview.hpp"
#include "rules/view/read/review.hpp"

namespace errand::rules {

// Wrong types are left in the node's failure; the view is then of no use.
ObjectView readObject(const JsonNode& object);

}  // namespace errand::rules
