// What an update writes into a pod that exists.
#pragma once

#include "rules/catalogue/rule.hpp"

namespace errand::rules {

// SC108 on the labels, annotations and other strings of checked.pod that `old` has not, whichever its rules
// say of the rest: what was admitted, or stood there before the namespace took part, refuses no update.
Verdict evaluateAdded(const CheckContext& context, const PodView& pod, const PodView& old);

}  // namespace errand::rules
