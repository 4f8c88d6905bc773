// What this version ships of each guard, as the manifests say it.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "operator/guards/spec.hpp"

namespace errand::guards {

using Specs = std::map<Id, nlohmann::json>;

// Normalised, for an installation in the namespace `ns`: the chart writes it wherever the manifests have
// errand-system. With a `webhookUrl` the webhook is called there, with the path of its verb behind, and not
// by the Service errand-webhook.
Specs shipped(const std::string& ns, const std::string& webhookUrl = {});

}  // namespace errand::guards
