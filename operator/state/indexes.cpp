#include "operator/state/indexes.hpp"

#include <fmt/format.h>

#include "operator/plan/checks/derived.hpp"
#include "operator/plan/checks/standing.hpp"

namespace errand::state {

bool isAGrants(const api::RoleBinding& b) {
  if (b.subjects.empty()) return false;
  const std::string& account = b.subjects[0].name;
  return account.starts_with(api::kGrantAccountPrefix) && b.meta.name.starts_with(account + ".") &&
         plan::bindsOnly(b, account);
}

AgentKey agentKey(std::string_view ns, std::string_view agent) {
  return AgentKey(fmt::format("{}/{}", ns, agent));
}
AccountKey accountKey(std::string_view ns, std::string_view account) {
  return AccountKey(fmt::format("{}/{}", ns, account));
}
WorkloadKey workloadKey(std::string_view ns, std::string_view kind, std::string_view name) {
  return WorkloadKey(fmt::format("{}/{}/{}", ns, kind, name));
}
SecretKey secretKey(std::string_view ns, std::string_view name) {
  return SecretKey(fmt::format("{}/{}", ns, name));
}
ParentKey parentKey(std::string_view ns, std::string_view parent) {
  return ParentKey(fmt::format("{}/{}", ns, parent));
}
RoleKey roleKey(std::string_view ns, std::string_view kind, std::string_view name) {
  return RoleKey(fmt::format("{}/{}/{}", kind == "Role" ? ns : std::string_view(), kind, name));
}

void addIndexes(Stores& stores, const std::vector<std::string>& ignoredRoles) {
  stores.grants.addIndex(kGrantsByAgent, [](const api::TaskGrant& g) {
    return std::vector{agentKey(g.meta.ns, g.spec.agentIdentity)};
  });
  stores.grants.addIndex(kGrantsByAccount, [](const api::TaskGrant& g) {
    return std::vector{accountKey(g.meta.ns, api::grantAccountName(g.meta.uid))};
  });
  stores.grants.addIndex(kGrantsByWorkload, [](const api::TaskGrant& g) {
    return std::vector{workloadKey(g.meta.ns, api::toString(g.spec.workload.kind), g.spec.workload.name)};
  });
  stores.grants.addIndex(kGrantsBySecret, [](const api::TaskGrant& g) {
    std::vector<SecretKey> keys;
    if (!g.status.secretName.empty()) keys.push_back(secretKey(g.meta.ns, g.status.secretName));
    if (!g.terminal())
      for (const auto& name : g.spec.access.secrets) keys.push_back(secretKey(g.meta.ns, name));
    return keys;
  });
  stores.grants.addIndex(kGrantsByParent, [](const api::TaskGrant& g) {
    return g.spec.parent ? std::vector{parentKey(g.meta.ns, g.spec.parent->name)} : std::vector<ParentKey>();
  });
  stores.grants.addIndex(kGrantsByRole, [](const api::TaskGrant& g) {
    std::vector<RoleKey> keys;
    if (g.terminal()) return keys;
    for (const auto& name : g.spec.access.roles) keys.push_back(roleKey(g.meta.ns, "Role", name));
    for (const auto& name : g.spec.access.clusterRoles) keys.push_back(roleKey("", "ClusterRole", name));
    return keys;
  });
  stores.identities.addIndex(kIdentitiesBySlot, [](const api::AgentIdentity& i) {
    std::vector<SecretKey> keys;
    for (const api::ToolClass& c : i.toolClasses)
      if (!c.slotSecretName.empty()) keys.push_back(secretKey(i.meta.ns, c.slotSecretName));
    return keys;
  });
  // Indexes only tool classes with a slot, because only their roles affect the condition StreamsEnd
  // of the identity.
  stores.identities.addIndex(kIdentitiesByRole, [](const api::AgentIdentity& i) {
    std::vector<RoleKey> keys;
    for (const api::ToolClass& c : i.toolClasses) {
      if (c.slotSecretName.empty()) continue;
      for (const auto& role : c.access.roles) keys.push_back(roleKey(i.meta.ns, "Role", role.name));
      for (const auto& role : c.access.clusterRoles) keys.push_back(roleKey("", "ClusterRole", role.name));
    }
    return keys;
  });
  const auto standing = [ignoredRoles](const api::RoleBinding& b) {
    std::vector<StandingKey> keys;
    if (isAGrants(b)) return keys;
    for (std::string& key : plan::standingKeys(b, ignoredRoles)) keys.emplace_back(std::move(key));
    return keys;
  };
  stores.bindings.addIndex(kBindingsByStanding, standing);
  stores.clusterBindings.addIndex(kBindingsByStanding, standing);
  stores.pods.addIndex(kPodsBySlot, [](const api::Pod& p) {
    std::vector<SecretKey> keys;
    for (const auto& slot : p.slots) keys.push_back(secretKey(p.meta.ns, slot));
    return keys;
  });
  stores.pods.addIndex(kPodsByAccount, [](const api::Pod& p) {
    return std::vector{accountKey(p.meta.ns, p.serviceAccountName)};
  });
}

}  // namespace errand::state
