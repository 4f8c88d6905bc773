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

std::string secretKey(std::string_view ns, std::string_view name) { return fmt::format("{}/{}", ns, name); }
std::string agentKey(std::string_view ns, std::string_view agent) { return fmt::format("{}/{}", ns, agent); }
std::string accountKey(std::string_view ns, std::string_view account) {
  return fmt::format("{}/{}", ns, account);
}
std::string workloadKey(std::string_view ns, std::string_view kind, std::string_view name) {
  return fmt::format("{}/{}/{}", ns, kind, name);
}
std::string parentKey(std::string_view ns, std::string_view parent) {
  return fmt::format("{}/{}", ns, parent);
}
std::string roleKey(std::string_view ns, std::string_view kind, std::string_view name) {
  return fmt::format("{}/{}/{}", kind == "Role" ? ns : std::string_view(), kind, name);
}
std::string classKey(const api::TaskGrant& grant) {
  return fmt::format("{}/{}/{}", grant.meta.ns, grant.spec.agentIdentity, grant.spec.toolClass);
}

void addIndexes(Stores& stores, const std::vector<std::string>& ignoredRoles) {
  using Keys = std::vector<std::string>;
  stores.grants.addIndex(std::string(kByAgent), [](const api::TaskGrant& g) {
    return Keys{agentKey(g.meta.ns, g.spec.agentIdentity)};
  });
  stores.grants.addIndex(std::string(kByAccount), [](const api::TaskGrant& g) {
    return Keys{accountKey(g.meta.ns, api::grantAccountName(g.meta.uid))};
  });
  stores.grants.addIndex(std::string(kByWorkload), [](const api::TaskGrant& g) {
    return Keys{workloadKey(g.meta.ns, api::toString(g.spec.workload.kind), g.spec.workload.name)};
  });
  stores.grants.addIndex(std::string(kBySecret), [](const api::TaskGrant& g) {
    Keys keys;
    if (!g.status.secretName.empty()) keys.push_back(secretKey(g.meta.ns, g.status.secretName));
    if (!g.terminal())
      for (const auto& name : g.spec.access.secrets) keys.push_back(secretKey(g.meta.ns, name));
    return keys;
  });
  stores.grants.addIndex(std::string(kByParent), [](const api::TaskGrant& g) {
    return g.spec.parent ? Keys{parentKey(g.meta.ns, g.spec.parent->name)} : Keys{};
  });
  stores.grants.addIndex(std::string(kByRole), [](const api::TaskGrant& g) {
    Keys keys;
    if (g.terminal()) return keys;
    for (const auto& name : g.spec.access.roles) keys.push_back(roleKey(g.meta.ns, "Role", name));
    for (const auto& name : g.spec.access.clusterRoles) keys.push_back(roleKey("", "ClusterRole", name));
    return keys;
  });
  stores.identities.addIndex(std::string(kBySlot), [](const api::AgentIdentity& i) {
    Keys keys;
    for (const api::ToolClass& c : i.toolClasses)
      if (!c.slotSecretName.empty()) keys.push_back(secretKey(i.meta.ns, c.slotSecretName));
    return keys;
  });
  // Indexes only tool classes with a slot: the condition StreamsEnd of the identity depends on their roles.
  stores.identities.addIndex(std::string(kByRole), [](const api::AgentIdentity& i) {
    Keys keys;
    for (const api::ToolClass& c : i.toolClasses) {
      if (c.slotSecretName.empty()) continue;
      for (const auto& role : c.access.roles) keys.push_back(roleKey(i.meta.ns, "Role", role.name));
      for (const auto& role : c.access.clusterRoles) keys.push_back(roleKey("", "ClusterRole", role.name));
    }
    return keys;
  });
  for (auto* bindings : {&stores.bindings, &stores.clusterBindings})
    bindings->addIndex(std::string(kByStanding), [ignoredRoles](const api::RoleBinding& b) {
      return isAGrants(b) ? Keys() : plan::standingKeys(b, ignoredRoles);
    });
  stores.pods.addIndex(std::string(kByNamedSlot), [](const api::Pod& p) {
    Keys keys;
    for (const auto& slot : p.slots) keys.push_back(secretKey(p.meta.ns, slot));
    return keys;
  });
  stores.pods.addIndex(std::string(kByRunsAs),
                       [](const api::Pod& p) { return Keys{accountKey(p.meta.ns, p.serviceAccountName)}; });
}

}  // namespace errand::state
