// What a review may ask about the cluster, looked up by functions so that a
// test can answer.
#pragma once

#include <compare>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/agentidentity.hpp"
#include "core/api/exemption.hpp"
#include "core/api/objects.hpp"
#include "core/api/taskgrant.hpp"
#include "core/policy/grantstate.hpp"

namespace errand::rules {

// What becomes of findings in a namespace, by its label errand.dev/enforce.
enum class Mode {
  Off,      // not enrolled
  Audit,    // "audit": admitted, and told in the audit log
  Warn,     // "warn": admitted, and told to who asked
  Enforce,  // "true": refused
};

// By the label's value, which is empty where there is none.
inline Mode modeOf(std::string_view label) {
  return label == "true"    ? Mode::Enforce
         : label == "warn"  ? Mode::Warn
         : label == "audit" ? Mode::Audit
                            : Mode::Off;
}

// What the administrator says of the cluster, by flags.
struct RuleSettings {
  // Audiences of tokens that this API server takes, beside the names that it has by default.
  std::vector<std::string> apiAudiences = {};
  // Whose tokens may live for a day: a mesh's proxy gets its certificate by one.
  std::vector<std::string> meshAudiences = {"istio-ca", "identity.l5d.io"};
  // Drivers of inline CSI volumes that bring no credential, beside those that SC112 knows.
  std::vector<std::string> csiDrivers = {};
  // No driver of dynamic resources (DRA) brings a credential here.
  bool resourceClaims = false;
};

// What the caches know. All must be set; each function may be called several times
// for one review and must answer without blocking.
struct Views {
  std::function<std::shared_ptr<const api::TaskGrant>(std::string_view ns, std::string_view name)> grant;
  // By the grant's own ServiceAccount, errand-g.<20 hexadecimal digits of its uid>.
  std::function<std::shared_ptr<const api::TaskGrant>(std::string_view ns, std::string_view account)>
      grantOfAccount;
  std::function<std::shared_ptr<const api::AgentIdentity>(std::string_view ns, std::string_view name)>
      identity;
  // All of a namespace.
  std::function<std::vector<std::shared_ptr<const api::AgentIdentity>>(std::string_view ns)> identities;
  std::function<std::vector<std::shared_ptr<const api::Exemption>>(std::string_view ns)> exemptions;
  // Nothing where it is not known. Of the namespace of a request that, and Off, is Enforce: the API server's
  // selector has said already that it takes part.
  std::function<std::optional<Mode>(std::string_view ns)> mode;
  // The namespace's switches. Nothing where it is not known.
  std::function<std::optional<policy::NamespaceFacts>(std::string_view ns)> facts;
  // As whom the operator comes: system:serviceaccount:<namespace>:<name>.
  std::string operatorUser;
  // The rules of a Role or ClusterRole (`ns` is empty for the latter). Null where they are not known, as at
  // admission, where nobody waits for a list of all roles.
  std::function<const std::vector<api::PolicyRule>*(std::string_view kind, std::string_view ns,
                                                    std::string_view name)>
      rules = [](auto, auto, auto) { return nullptr; };
  // The longest terminationGracePeriodSeconds of a pod with a grant: so long may it go on after the end.
  Seconds longestGrace{30};
  RuleSettings settings = {};
};

// A request depends on this grant, and it, its identity, its ServiceAccount or
// its start is not known to Views: looking again a little later may help.
struct NeedsGrant {
  std::string ns;
  std::string name;  // empty where only the grant's ServiceAccount is known
  auto operator<=>(const NeedsGrant&) const = default;
};

}  // namespace errand::rules
