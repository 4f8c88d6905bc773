// The spec of each guard that this version ships, as in the manifests.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "operator/guards/spec.hpp"

namespace errand::guards {

using Specs = std::map<Id, nlohmann::json>;

// Returns the normalised specs for an installation in namespace `ns`. The chart puts `ns` wherever the
// manifests have errand-system. If `webhookUrl` is set, the configurations call that URL plus the path of the
// verb, instead of the Service errand-webhook.
Specs shipped(const std::string& ns, const std::string& webhookUrl = {});

}  // namespace errand::guards
