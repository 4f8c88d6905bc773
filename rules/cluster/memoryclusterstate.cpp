#include "rules/cluster/memoryclusterstate.hpp"

#include "core/api/accounts.hpp"

namespace errand::rules {
namespace {

template <class Map>
typename Map::mapped_type find(const Map& all, std::string_view ns, std::string_view name) {
  const auto it = all.find({std::string(ns), std::string(name)});
  return it == all.end() ? nullptr : it->second;
}

template <class Map>
std::vector<typename Map::mapped_type> listOf(const Map& all, auto isWanted) {
  std::vector<typename Map::mapped_type> out;
  for (const auto& [key, object] : all)
    if (isWanted(key.first)) out.push_back(object);
  return out;
}

}  // namespace

void MemoryClusterState::add(api::TaskGrant grant) {
  const auto shared = std::make_shared<const api::TaskGrant>(std::move(grant));
  const api::ObjectMeta& meta = shared->meta;
  auto& place = grants_[{meta.ns, meta.name}];
  if (place) grantsByAccount_.erase({meta.ns, api::grantAccountName(place->meta.uid)});
  place = shared;
  // A grant in a file has no uid, and so no account.
  if (!meta.uid.empty()) grantsByAccount_[{meta.ns, api::grantAccountName(meta.uid)}] = shared;
}

void MemoryClusterState::add(api::AgentIdentity identity) {
  const Key key(identity.meta.ns, identity.meta.name);
  identities_[key] = std::make_shared<const api::AgentIdentity>(std::move(identity));
}

void MemoryClusterState::add(api::Exemption exemption) {
  const Key key(exemption.meta.ns, exemption.meta.name);
  exemptions_[key] = std::make_shared<const api::Exemption>(std::move(exemption));
}

void MemoryClusterState::add(api::PartialObject ns) {
  const std::string name = ns.meta.name;
  namespaces_[name] = std::make_shared<const api::PartialObject>(std::move(ns));
}

void MemoryClusterState::add(const RoleKey& key, std::shared_ptr<const RoleFacts> role) {
  roles_[key] = std::move(role);
}

std::shared_ptr<const api::TaskGrant> MemoryClusterState::grant(std::string_view ns,
                                                                std::string_view name) const {
  return find(grants_, ns, name);
}

std::shared_ptr<const api::TaskGrant> MemoryClusterState::grantOfAccount(std::string_view ns,
                                                                         std::string_view account) const {
  return find(grantsByAccount_, ns, account);
}

std::vector<std::shared_ptr<const api::TaskGrant>> MemoryClusterState::grantsOfWorkload(
    std::string_view ns, std::string_view kind, std::string_view name) const {
  std::vector<std::shared_ptr<const api::TaskGrant>> out;
  for (const auto& [key, grant] : grants_)
    if (key.first == ns && !grant->terminal() && api::toString(grant->spec.workload.kind) == kind &&
        grant->spec.workload.name == name)
      out.push_back(grant);
  return out;
}

std::shared_ptr<const api::AgentIdentity> MemoryClusterState::identity(std::string_view ns,
                                                                       std::string_view name) const {
  return find(identities_, ns, name);
}

std::vector<std::shared_ptr<const api::AgentIdentity>> MemoryClusterState::identities(
    std::string_view ns) const {
  return listOf(identities_, [&](std::string_view other) { return ns.empty() || other == ns; });
}

std::vector<std::shared_ptr<const api::Exemption>> MemoryClusterState::exemptions(std::string_view ns) const {
  return listOf(exemptions_, [&](std::string_view other) { return other == ns; });
}

std::shared_ptr<const api::PartialObject> MemoryClusterState::ofNamespace(std::string_view ns) const {
  const auto it = namespaces_.find(ns);
  return it == namespaces_.end() ? unlisted_.ns : it->second;
}

std::shared_ptr<const RoleFacts> MemoryClusterState::role(const RoleKey& role) const {
  const auto it = roles_.find(role);
  return it == roles_.end() ? unlisted_.role : it->second;
}

std::optional<bool> MemoryClusterState::may(const api::AccessRequest&) const { return unlisted_.may; }

}  // namespace errand::rules
