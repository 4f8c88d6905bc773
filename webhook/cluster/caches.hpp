// The webhook's caches, and the part of the cluster's state that they hold.
#pragma once

#include "core/kube/watch/store.hpp"
#include "rules/cluster/clusterstate.hpp"

namespace errand::webhook {

// One reflector fills each cache, over all namespaces.
struct Caches {
  Caches();

  kube::Store<api::TaskGrant> grants;
  kube::Store<api::AgentIdentity> identities;
  kube::Store<api::Exemption> exemptions;
  kube::Store<api::PartialObject> namespaces;

  // Fails with Unavailable, and names the kinds whose first list is not complete.
  Result<void> synced() const;
};

// Answers from the caches. LiveState answers about roles and access.
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
