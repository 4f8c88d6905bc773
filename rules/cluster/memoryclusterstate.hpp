// A ClusterState of objects in memory: those of manifests, of a report, or of a test.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "rules/cluster/clusterstate.hpp"

namespace errand::rules {

// Safe to read from several threads after the last add().
class MemoryClusterState : public ClusterState {
 public:
  // The answers about namespaces and roles that were not added, and about every right. The defaults mean not
  // known.
  struct Unlisted {
    std::shared_ptr<const api::PartialObject> ns = nullptr;
    std::shared_ptr<const RoleFacts> role = nullptr;
    std::optional<bool> may = std::nullopt;
  };

  MemoryClusterState() = default;
  explicit MemoryClusterState(Unlisted unlisted) : unlisted_(std::move(unlisted)) {}

  // Add an object, or replace the one of the same namespace and name. A PartialObject is a Namespace.
  void add(api::TaskGrant grant);
  void add(api::AgentIdentity identity);
  void add(api::Exemption exemption);
  void add(api::PartialObject ns);
  // Adds the analysis of a role. Null means not known, even if `unlisted` has an answer.
  void add(const RoleKey& key, std::shared_ptr<const RoleFacts> role);

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
  std::shared_ptr<const RoleFacts> role(const RoleKey& role) const override;
  std::optional<bool> may(const api::AccessRequest& question) const override;

 private:
  using Key = std::pair<std::string, std::string>;  // namespace and name
  template <class T>
  using All = std::map<Key, std::shared_ptr<const T>>;

  Unlisted unlisted_;
  All<api::TaskGrant> grants_, grantsByAccount_;
  All<api::AgentIdentity> identities_;
  All<api::Exemption> exemptions_;
  std::map<std::string, std::shared_ptr<const api::PartialObject>, std::less<>> namespaces_;
  std::map<RoleKey, std::shared_ptr<const RoleFacts>> roles_;
};

}  // namespace errand::rules
