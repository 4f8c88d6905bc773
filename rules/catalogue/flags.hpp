// Flags of the webhook and the CLI that describe the administrator's cluster.
#pragma once

namespace CLI {
class App;
}

namespace errand::rules {

struct RuleSettings;

// Adds --mesh-audience, --csi-driver and --allow-resource-claims. `out` must outlive the parsing and must
// hold the defaults before it. (--api-audience is not here: it has another meaning in a process with its own
// token.)
void describe(CLI::App& app, RuleSettings& out);

}  // namespace errand::rules
