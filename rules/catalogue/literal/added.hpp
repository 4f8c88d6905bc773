// Checks the strings that an update adds to an existing pod.
#pragma once

#include "rules/catalogue/rule.hpp"

namespace errand::rules {

// Runs the checks of CheckStage::StringsAdded on the labels, annotations and other strings of `pod` that
// `old` does not have. A string that is also in `old` gives no finding: the webhook admitted it, or the
// namespace was not enrolled. Skips variables, because no update can change them.
Verdict evaluateAdded(const CheckContext& context, const PodView& pod, const PodView& old);

}  // namespace errand::rules
