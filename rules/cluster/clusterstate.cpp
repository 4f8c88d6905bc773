#include "rules/cluster/clusterstate.hpp"

namespace errand::rules {

RoleFacts roleFacts(std::span<const api::PolicyRule> rules) {
  return {policy::dangersOf(rules), policy::accessToAgents(rules)};
}

Mode modeOf(std::string_view label) {
  return label == "true"    ? Mode::Enforce
         : label == "warn"  ? Mode::Warn
         : label == "audit" ? Mode::Audit
                            : Mode::Off;
}

std::optional<Mode> modeOf(const ClusterState& cluster, std::string_view ns) {
  const auto found = cluster.ofNamespace(ns);
  return found == nullptr ? std::nullopt : std::optional(modeOf(found->meta.label(api::kEnforceLabel)));
}

}  // namespace errand::rules
