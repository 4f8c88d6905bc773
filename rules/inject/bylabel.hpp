// Completes a pod from the grant that its label errand.dev/task-grant names.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/result.hpp"
#include "rules/cluster/clusterstate.hpp"
#include "rules/inject/patch.hpp"

namespace errand::rules {

// The result of completing a pod by its label.
struct LabelCompletion {
  Result<Patch> patch;              // as completeFromGrant(); NotFound if the grant is not known
  std::optional<NeedsGrant> needs;  // set if a later attempt may succeed
};

// Call it for a pod with the label. `ns` is the pod's namespace, `user` the user that creates it. The label's
// value is untrusted: a value that cannot be a grant's name sets no `needs`.
LabelCompletion completeFromLabel(const PodView& pod, std::string_view ns, std::string_view user,
                                  const ClusterState& cluster, Seconds longestGrace);

}  // namespace errand::rules
