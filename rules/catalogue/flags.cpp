#include "rules/catalogue/flags.hpp"

#include <CLI/CLI.hpp>

#include "rules/settings.hpp"

namespace errand::rules {

void describe(CLI::App& app, RuleSettings& out) {
  app.add_option(
         "--mesh-audience", out.meshAudiences,
         "Audience of a service mesh, whose tokens may live for a day (SC102). Repeatable. Replaces the "
         "default")
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option(
         "--csi-driver", out.csiDrivers,
         "Further driver of inline CSI volumes that brings no credential into a pod (SC112). Repeatable")
      ->type_name("NAME");
  app.add_flag(
      "--allow-resource-claims", out.resourceClaims,
      "Allow resourceClaims (DRA), because no driver in this cluster brings a credential into a pod (SC112)");
}

}  // namespace errand::rules
