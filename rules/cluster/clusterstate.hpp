// The state of the cluster, as the rules, the injection and the webhook's guards read it.
#pragma once

#include <compare>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/agentidentity.hpp"
#include "core/api/exemption.hpp"
#include "core/api/objects.hpp"
#include "core/api/requester.hpp"
#include "core/api/taskgrant.hpp"
#include "core/policy/dangerous.hpp"
#include "rules/view/objectview.hpp"

namespace errand::rules {

// The name of a Role or ClusterRole. `ns` is empty for a ClusterRole.
struct RoleKey {
  api::RoleRef role;
  std::string ns;
  auto operator<=>(const RoleKey&) const = default;
};

// The results of analysing a role's rules: dangers, and access to agents.
struct RoleFacts {
  std::vector<policy::Danger> dangers;
  std::vector<std::string_view> accessToAgents;  // as policy::accessToAgents()
  // For a built-in ClusterRole that no file holds: the rules that ClusterRoles in files add to it. Empty for
  // every other role.
  std::vector<AggregatedRule> additions = {};
};

// Analyses the effective rules of a role, after aggregation.
RoleFacts roleFacts(std::span<const api::PolicyRule> rules);

// Null or nullopt means not known. It never means that the object does not exist. A list holds the known
// objects only. Each function may be called several times for one review and from several threads, and does
// not block.
class ClusterState {
 public:
  virtual ~ClusterState() = default;

  virtual std::shared_ptr<const api::TaskGrant> grant(std::string_view ns, std::string_view name) const = 0;
  // Finds a grant by its own ServiceAccount, errand-g.<20 hexadecimal digits of its uid>.
  virtual std::shared_ptr<const api::TaskGrant> grantOfAccount(std::string_view ns,
                                                               std::string_view account) const = 0;
  // Returns the grants that have not ended and whose spec.workload is this workload.
  virtual std::vector<std::shared_ptr<const api::TaskGrant>> grantsOfWorkload(
      std::string_view ns, std::string_view kind, std::string_view name) const = 0;
  virtual std::shared_ptr<const api::AgentIdentity> identity(std::string_view ns,
                                                             std::string_view name) const = 0;
  // Returns all AgentIdentities of a namespace, or of all namespaces if `ns` is empty.
  virtual std::vector<std::shared_ptr<const api::AgentIdentity>> identities(std::string_view ns) const = 0;
  // Returns all Exemptions of a namespace, also those that are not in force.
  virtual std::vector<std::shared_ptr<const api::Exemption>> exemptions(std::string_view ns) const = 0;
  // Returns the metadata of a Namespace. Its labels hold the mode and the switches.
  virtual std::shared_ptr<const api::PartialObject> ofNamespace(std::string_view ns) const = 0;
  // Returns the analysis of the role. A role that does not exist has no dangers and no access.
  virtual std::shared_ptr<const RoleFacts> role(const RoleKey& role) const = 0;
  // Returns whether the API server's authorizers allow it.
  virtual std::optional<bool> may(const api::AccessRequest& question) const = 0;

 protected:
  ClusterState() = default;
  ClusterState(const ClusterState&) = default;
  ClusterState& operator=(const ClusterState&) = default;
};

// The effect of findings in a namespace, set by its label errand.dev/enforce.
enum class Mode {
  Off,      // not enrolled
  Audit,    // "audit": admitted, and reported in the audit log
  Warn,     // "warn": admitted, with a warning to the client
  Enforce,  // "true": rejected
};

// Returns the mode for the label's value. Any other value, and an empty one, means Off.
Mode modeOf(std::string_view label);

// Returns the mode of a namespace; nullopt if the namespace is not known.
std::optional<Mode> modeOf(const ClusterState& cluster, std::string_view ns);

// The grant that a request depends on, if the grant, its identity, its ServiceAccount or its start is not
// known. A later attempt may find it.
struct NeedsGrant {
  std::string ns;
  std::string name;  // empty if only the grant's ServiceAccount is known
  auto operator<=>(const NeedsGrant&) const = default;
};

}  // namespace errand::rules
