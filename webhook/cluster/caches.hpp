// The webhook's caches, and the answers that they can give.
#pragma once

#include "core/kube/watch/store.hpp"
#include "rules/cluster/clusterstate.hpp"

namespace errand::webhook {

// The stores of all namespaces; one reflector fills each. Safe to use from several threads.
struct Caches {
  Caches();

  kube::Store<api::TaskGrant> grants;
  kube::Store<api::AgentIdentity> identities;
  kube::Store<api::Exemption> exemptions;
  kube::Store<api::PartialObject> namespaces;

  // Fails with Unavailable until each first list is complete. The message names the missing kinds.
  Result<void> synced() const;
};

// Answers from the caches. LiveState adds the answers about roles and access.
class CachedState : public rules::ClusterState {
 public:
  // `caches` must outlive this object.
  explicit CachedState(const Caches& caches) : caches_(caches) {}

  std::shared_ptr<const api::TaskGrant> grant(std::string_view ns, std::string_view name) const override;
  std::shared_ptr<const api::TaskGrant> grantOfAccount(std::string_view ns,
                                                       std::string_view account) const override;
  std::vector<std::shared_ptr<const api::TaskGrant>> grantsOfWorkload(std::string_view ns,
                                                                      std::string_view kind,
                                                                      std::string_view name) const override;
  std::shared_ptr<const api::AgentIdentity> identity(std::string_view ns,
                                                     std::string_view name) const override;
  std::vector<std::shared_ptr<const api::AgentIdentity>> identities(std::string_view ns) const override;
  std::vector<std::shared_ptr<const api::Exemption>> exemptions(std::string_view ns) const override;
  std::shared_ptr<const api::PartialObject> ofNamespace(std::string_view ns) const override;

 private:
  const Caches& caches_;
};

}  // namespace errand::webhook
