// What the administrator says of the cluster, as flags of the webhook and of the command line.
#pragma once

namespace CLI {
class App;
}

namespace errand::rules {

struct RuleSettings;

// --mesh-audience, --csi-driver and --allow-resource-claims. `out` outlives the parsing, and holds the
// defaults before it. (--api-audience means something else where a token of one's own is at hand.)
void describe(CLI::App& app, RuleSettings& out);

}  // namespace errand::rules
