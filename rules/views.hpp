// The cluster state that a review reads. It is looked up by functions, so that a test can supply the answers.
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

// The effect of findings in a namespace, set by its label errand.dev/enforce.
enum class Mode {
  Off,      // not enrolled
  Audit,    // "audit": admitted, and reported in the audit log
  Warn,     // "warn": admitted, with a warning to the client
  Enforce,  // "true": rejected
};

// Returns the mode for the label's value, which is empty if the label is not set.
inline Mode modeOf(std::string_view label) {
  return label == "true"    ? Mode::Enforce
         : label == "warn"  ? Mode::Warn
         : label == "audit" ? Mode::Audit
                            : Mode::Off;
}

// The administrator's description of the cluster, set by flags.
struct RuleSettings {
  // Audiences of tokens that this API server accepts, in addition to its default names.
  std::vector<std::string> apiAudiences = {};
  // Audiences whose tokens may live for a day: a mesh's proxy gets its certificate with one.
  std::vector<std::string> meshAudiences = {"istio-ca", "identity.l5d.io"};
  // Drivers of inline CSI volumes that bring no credential, in addition to those that SC112 knows.
  std::vector<std::string> csiDrivers = {};
  // True if no driver of dynamic resources (DRA) in this cluster brings a credential into a pod.
  bool resourceClaims = false;
};

// The content of the caches. All functions must be set. Each may be called several times for one review and
// must answer without blocking.
struct Views {
  std::function<std::shared_ptr<const api::TaskGrant>(std::string_view ns, std::string_view name)> grant;
  // Finds a grant by its own ServiceAccount, errand-g.<20 hexadecimal digits of its uid>.
  std::function<std::shared_ptr<const api::TaskGrant>(std::string_view ns, std::string_view account)>
      grantOfAccount;
  std::function<std::shared_ptr<const api::AgentIdentity>(std::string_view ns, std::string_view name)>
      identity;
  // Returns all AgentIdentities of a namespace, or of all namespaces if `ns` is empty.
  std::function<std::vector<std::shared_ptr<const api::AgentIdentity>>(std::string_view ns)> identities;
  std::function<std::vector<std::shared_ptr<const api::Exemption>>(std::string_view ns)> exemptions;
  // Returns nothing if the mode is not known. For the namespace of a request, nothing and Off both mean
  // Enforce: the API server's selector has already matched the namespace.
  std::function<std::optional<Mode>(std::string_view ns)> mode;
  // Returns the namespace's switches, or nothing if the namespace is not known.
  std::function<std::optional<policy::NamespaceFacts>(std::string_view ns)> facts;
  // The operator's user name: system:serviceaccount:<namespace>:<name>.
  std::string operatorUser;
  // Returns the rules of a Role or ClusterRole (`ns` is empty for the latter), or null if they are not known.
  // They are not known at admission, because a review does not wait for a list of all roles.
  std::function<const std::vector<api::PolicyRule>*(std::string_view kind, std::string_view ns,
                                                    std::string_view name)>
      rules = [](auto, auto, auto) { return nullptr; };
  // The longest terminationGracePeriodSeconds of a pod with a grant. The pod may run that long after the end.
  Seconds longestGrace{30};
  RuleSettings settings = {};
};

// A request depends on this grant, but Views lacks the grant, its identity, its ServiceAccount or its start.
// A later look may find it.
struct NeedsGrant {
  std::string ns;
  std::string name;  // empty if only the grant's ServiceAccount is known
  auto operator<=>(const NeedsGrant&) const = default;
};

}  // namespace errand::rules
