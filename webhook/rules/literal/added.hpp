// What an update writes into a pod that exists.
#pragma once

#include "webhook/rules/rule.hpp"

namespace errand::webhook {

// SC108 on the labels, annotations and other strings of judged.pod that `old` has not, whichever its rules
// say of the rest: what was admitted, or stood there before the namespace took part, refuses no update.
Verdict judgeAdded(const Setting& setting, const PodView& pod, const PodView& old);

}  // namespace errand::webhook
