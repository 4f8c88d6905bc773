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

// A ClusterState that is filled from manifests.
class ManifestIndex : public rules::MemoryClusterState {
 public:
  using MemoryClusterState::MemoryClusterState;

  // Adds an AgentIdentity, TaskGrant or Exemption; ignores other kinds. Fails with Invalid if it cannot be
  // decoded. The namespace of an AgentIdentity counts as enforced, unless it is added itself.
  Result<void> addObject(std::string_view kind, std::string_view json, const std::string& ns,
                         Origin origin = Origin::File);

  // Adds a Namespace. Its labels determine the mode of the rules in it.
  void addNamespace(const std::string& name, const api::StringMap& labels);

  // Adds a Role or ClusterRole; ignores other objects.
  void addRole(const rules::ObjectView& role, const std::string& ns);

  // Returns the aggregated rules of a ClusterRole from a file. Call it after all roles were added.
  rules::Aggregation aggregationOf(const rules::ObjectView& role) const;

  // Adds a ClusterRole from a file again, with its aggregated rules. Call it after all roles were added.
  void addAggregated(const rules::ObjectView& role);

  // Adds the built-in ClusterRoles to which the files add rules. Call it after all roles were added.
  void addExtendedBuiltIns();

 private:
  template <class T>
  Result<void> take(std::string_view json, const std::string& ns, Origin origin);

  rules::AggregatedRoles clusterRoles_;
};

}  // namespace errand::cli
