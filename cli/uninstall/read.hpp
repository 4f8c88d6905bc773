// Reads the input of an uninstallation.
#pragma once

#include <string>

#include "cli/uninstall/inventory.hpp"
#include "cli/uninstall/operatorwatch.hpp"
#include "core/kube/client/client.hpp"

namespace errand::cli {

// The name of the Deployment and of the Lease.
inline constexpr std::string_view kOperatorName = "errand-operator";

struct ReadScope {
  std::string ns = {};  // empty means all namespaces
  // The permission to list Secrets is the permission to read them. Without this they are not listed.
  bool secrets = false;
};

// Reads what `scope` has. A list that cannot be read is recorded in the result. A kind that is not installed
// has no objects. Requests only the metadata of Secrets, ServiceAccounts and Namespaces.
ClusterObjects readClusterObjects(const kube::Client& client, const ReadScope& scope);

// Reads only the grants of one namespace, or of all if `ns` is empty.
std::optional<std::vector<api::TaskGrant>> readGrants(const kube::Client& client, const std::string& ns,
                                                      std::vector<Unread>& unread);

// Reads the Lease and the Deployment errand-operator. Fails if one of them cannot be read.
Result<OperatorFacts> readOperator(const kube::Client& client, const std::string& operatorNamespace);

}  // namespace errand::cli
