// Completes a pod from the grant that its label errand.dev/task-grant names.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/result.hpp"
#include "rules/cluster/clusterstate.hpp"
#include "rules/inject/patch.hpp"

namespace errand::rules {

struct LabelCompletion {
  Result<Patch> patch;              // as completeFromGrant(); NotFound where there is no such grant
  std::optional<NeedsGrant> needs;  // set where looking again may help
};

// The pod must have the label. Its value is as the author wrote it: what cannot
// be a grant's name is not asked for again.
LabelCompletion completeFromLabel(const PodView& pod, std::string_view ns, std::string_view user,
                                  const ClusterState& cluster, Seconds longestGrace);

}  // namespace errand::rules
