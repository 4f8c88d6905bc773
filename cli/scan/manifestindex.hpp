// Uses manifests as the state of a cluster: identities, grants, exemptions, namespaces and roles.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "rules/cluster/aggregation.hpp"
#include "rules/cluster/memoryclusterstate.hpp"
#include "rules/view/objectview.hpp"

namespace errand::cli {

// The source of an object. Only objects from a cluster have a trusted status and creation time.
enum class Origin { File, Cluster };

// A ClusterState that is filled from manifests. An object replaces an earlier one of the same namespace and
// name.
class ManifestIndex : public rules::MemoryClusterState {
 public:
  using MemoryClusterState::MemoryClusterState;

  // Adds an AgentIdentity, TaskGrant or Exemption to the namespace `ns`, whatever namespace it names; ignores
  // other kinds. Fails with Invalid if it cannot be decoded; the message begins with the field. The namespace
  // of an AgentIdentity counts as enforced, unless the Namespace is added as well.
  Result<void> addObject(std::string_view kind, std::string_view json, const std::string& ns,
                         Origin origin = Origin::File);

  // Adds a Namespace. Its labels determine the mode of the rules in it.
  void addNamespace(const std::string& name, const api::StringMap& labels);

  // Adds the own rules of a Role in `ns`, or of a ClusterRole; ignores other objects.
  void addRole(const rules::ObjectView& role, const std::string& ns);

  // Returns the aggregated rules of a ClusterRole, which must have an aggregationRule. Call this function and
  // those below after all roles were added.
  rules::Aggregation aggregationOf(const rules::ObjectView& role) const;

  // Replaces a ClusterRole, which must have an aggregationRule, by its own and its aggregated rules.
  void addAggregated(const rules::ObjectView& role);

  // Adds the built-in ClusterRoles to which the manifests add rules.
  void addExtendedBuiltIns();

 private:
  template <class T>
  Result<void> take(std::string_view json, const std::string& ns, Origin origin);

  rules::AggregatedRoles clusterRoles_;
};

}  // namespace errand::cli
