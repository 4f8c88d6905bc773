#include "rules/catalogue/flags.hpp"

#include <CLI/CLI.hpp>

#include "rules/settings.hpp"

namespace errand::rules {

void describe(CLI::App& app, RuleSettings& out) {
  app.add_option(
         "--mesh-audience", out.meshAudiences,
         "An audience of a mesh's tokens, which may live for a day (SC102); may be given several times, in "
         "place of the default")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option(
         "--csi-driver", out.csiDrivers,
         "A driver of inline CSI volumes that brings no credential into a pod (SC112); may be given several "
         "times, beside those that are known")
      ->type_name("NAME");
  app.add_flag("--allow-resource-claims", out.resourceClaims,
               "No driver of dynamic resources (DRA) of this cluster brings a credential into a pod (SC112)");
}

}  // namespace errand::rules
