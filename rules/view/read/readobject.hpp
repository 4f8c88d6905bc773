// Reads any object into an ObjectView. For the readers of this folder only.
#pragma once

#include "rules/view/objectview.hpp"
#include "rules/view/read/json.hpp"

namespace errand::rules {

// Wrong types are left in the node's failure; the view is then of no use.
ObjectView readObject(const Node& object);

}  // namespace errand::rules
