// The spec of each guard that this version ships, from the manifests.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "operator/guards/spec.hpp"

namespace errand::guards {

using Specs = std::map<Id, nlohmann::json>;

// Returns the normalised specs for an installation in namespace `ns`, which replaces errand-system as in the
// chart. If `webhookUrl` is set, the configurations call that URL and the path of the verb, instead of the
// Service errand-webhook.
Specs shipped(const std::string& ns, const std::string& webhookUrl = {});

}  // namespace errand::guards
