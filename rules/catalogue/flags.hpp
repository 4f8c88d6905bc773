// Flags of the webhook and the CLI that describe the administrator's cluster.
#pragma once

namespace CLI {
class App;
}

namespace errand::rules {

struct RuleSettings;

// Adds --mesh-audience, --csi-driver and --allow-resource-claims. `out` must outlive the parsing, and must
// hold the defaults before it. --api-audience is defined elsewhere, because a process with its own token uses
// it differently.
void describe(CLI::App& app, RuleSettings& out);

}  // namespace errand::rules
