// The spec of each guard that this version ships, generated from manifests/admission (`make guards`).
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "operator/guards/spec.hpp"

namespace errand::guards {

using Specs = std::map<Id, nlohmann::json>;

// Returns the normalised() specs for an installation in namespace `ns`, which replaces errand-system as in
// the chart. If `webhookUrl` is not empty, the webhook configurations call that URL with /mutate or /validate
// instead of the Service errand-webhook. The URL has no path.
Specs shipped(const std::string& ns, const std::string& webhookUrl = {});

}  // namespace errand::guards
