// Flags of the webhook and the CLI that describe the administrator's cluster.
#pragma once

namespace CLI {
class App;
}

namespace errand::rules {

struct RuleSettings;

// Adds --mesh-audience, --csi-driver and --allow-resource-claims. `out` must hold the defaults, and must
// outlive the parsing. --api-audience is defined elsewhere, because a process with its own token uses it
// differently.
void describe(CLI::App& app, RuleSettings& out);

}  // namespace errand::rules
