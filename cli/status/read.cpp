#include "cli/status/read.hpp"

#include "cli/cluster/readall.hpp"

namespace errand::cli {

StatusInput readStatusInput(const kube::Client& client, const std::string& ns) {
  StatusInput out;
  out.ns = ns;
  out.identities = readAll<api::AgentIdentity>(client, api::kAgentIdentities, {.ns = ns}, out.unread);
  out.grants = readAll<api::TaskGrant>(client, api::kTaskGrants, {.ns = ns}, out.unread);
  out.accounts = readAll<api::PartialObject>(
      client, api::kServiceAccounts,
      {.ns = ns, .labelSelector = std::string(api::kIdentityLabel), .metadataOnly = true}, out.unread);
  return out;
}

}  // namespace errand::cli
