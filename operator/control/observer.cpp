#include "operator/control/observer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/crypto.hpp"
#include "operator/plan/plan.hpp"

namespace errand::control {
namespace {

// Many grants that wait for one role ask for it once in this time.
constexpr Seconds kRoleCache{3};
constexpr size_t kMostCachedRoles = 4096;

}  // namespace

std::string classKey(std::string_view ns, std::string_view agent, std::string_view toolClass) {
  return fmt::format("{}/{}/{}", ns, agent, toolClass);
}
std::string classKey(const api::TaskGrant& grant) {
  return classKey(grant.meta.ns, grant.spec.agentIdentity, grant.spec.toolClass);
}
std::string secretKey(std::string_view ns, std::string_view name) { return fmt::format("{}/{}", ns, name); }
std::string agentKey(std::string_view ns, std::string_view agent) { return fmt::format("{}/{}", ns, agent); }
std::string accountKey(std::string_view ns, std::string_view account) {
  return fmt::format("{}/{}", ns, account);
}
std::string workloadKey(std::string_view ns, std::string_view kind, std::string_view name) {
  return fmt::format("{}/{}/{}", ns, kind, name);
}

plan::NamespaceFacts Observer::factsOf(std::string_view ns, bool needed) const {
  plan::NamespaceFacts out;
  const auto object = stores_.namespaces.get("", ns);
  if (object) {
    out.enforced = object->meta.label(api::kEnforceLabel) == "true";
    out.suspended = object->meta.label(api::kSuspendedLabel) == "true";
    out.terminating = object->meta.deletionTimestamp.has_value();
  }
  out.synced = !(out.enforced || needed) || stores_.namespaceSynced(ns);
  if (!out.synced) {
    const auto since = stores_.watchedSince.access();
    if (const auto it = since->find(ns); it != since->end())
      out.unsyncedFor = std::chrono::duration_cast<Millis>(clock_.monotonic() - it->second);
  }
  return out;
}

std::optional<plan::WorkloadFacts> Observer::workloadOf(const api::TaskGrant& grant) const {
  const auto& [kind, name] = grant.spec.workload;
  const std::string& ns = grant.meta.ns;
  const auto facts = [](const api::ObjectMeta& meta) {
    plan::WorkloadFacts out;
    out.uid = meta.uid;
    out.deleting = meta.deletionTimestamp.has_value();
    return out;
  };
  switch (kind) {
    case api::WorkloadKind::Job:
      if (const auto job = stores_.jobs.get(ns, name)) {
        auto out = facts(job->meta);
        out.complete = job->complete;
        out.failed = job->failed;
        out.message = job->message;
        return out;
      }
      return std::nullopt;
    case api::WorkloadKind::Pod:
      if (const auto pod = stores_.pods.get(ns, name)) {
        auto out = facts(pod->meta);
        out.complete = pod->phase == "Succeeded";
        out.failed = pod->phase == "Failed";
        return out;
      }
      return std::nullopt;
    case api::WorkloadKind::Deployment:
    case api::WorkloadKind::StatefulSet: {
      const auto& store = kind == api::WorkloadKind::Deployment ? stores_.deployments : stores_.statefulSets;
      const auto object = store.get(ns, name);
      return object ? std::optional(facts(object->meta)) : std::nullopt;
    }
  }
  return std::nullopt;
}

// A start that broke off before the status could name its Secret, of an identity that
// has gone since: the Secret itself still says whose it is.
std::shared_ptr<const api::Object> Observer::strayedSlot(const api::TaskGrant& grant, bool slotKnown) const {
  const auto& revocation = grant.status.revocation;
  const bool had = grant.terminal() ? revocation.requestedAt && !revocation.confirmedAt
                                    : !slotKnown && apply::hasStarted(stores_.accounts, grant);
  if (!had) return nullptr;
  for (auto& secret : stores_.secrets.list(grant.meta.ns))
    if (secret->meta.label(api::kGrantUidLabel) == grant.meta.uid) return secret;
  return nullptr;
}

plan::RoleFact Observer::roleFact(const std::string& ns, const api::RoleRef& role, const std::string& path) {
  const bool cluster = role.kind == "ClusterRole";
  const std::string key = fmt::format("{}/{}/{}", cluster ? "" : ns, role.kind, role.name);
  const auto now = clock_.monotonic();
  {
    const auto roles = roles_.access();
    if (const auto it = roles->find(key); it != roles->end() && now - it->second.readAt < kRoleCache) {
      auto fact = it->second.fact;
      fact.path = path;
      return fact;
    }
  }
  plan::RoleFact fact{role, path, false, false, ""};
  const auto object = client_.get(cluster ? api::kClusterRoles : api::kRoles, cluster ? "" : ns, role.name);
  if (object) {
    fact.known = fact.exists = true;
    const auto rules = object->find("rules");
    fact.rulesDigest = "sha256:" + sha256Hex(rules == object->end() ? "[]" : rules->dump());
  } else {
    fact.known = object.error().kind == ErrorKind::NotFound;
  }
  const auto roles = roles_.access();
  if (roles->size() >= kMostCachedRoles) roles->clear();
  roles->insert_or_assign(key, CachedRole{fact, now});
  return fact;
}

plan::Observed Observer::observe(std::shared_ptr<const api::TaskGrant> pointer) {
  const api::TaskGrant& grant = *pointer;
  const std::string& ns = grant.meta.ns;
  plan::Observed o;
  o.grant = std::move(pointer);
  o.identity = stores_.identities.get(ns, grant.spec.agentIdentity);
  o.ns = factsOf(ns, grant.meta.hasFinalizer(api::kFinalizer));
  o.workload = workloadOf(grant);
  const std::string account = api::grantAccountName(grant.meta.uid);
  o.account = stores_.accounts.get(ns, account);
  const auto wanted = plan::wantedRoles(grant.spec);
  for (const auto& [role, path] : wanted)
    if (auto binding = stores_.bindings.get(ns, plan::bindingName(grant.meta.uid, role)))
      o.bindings.push_back(std::move(binding));
  const api::ToolClass* toolClass = o.identity ? o.identity->toolClass(grant.spec.toolClass) : nullptr;
  if (grant.spec.delivery == api::DeliveryMode::Slot) {
    // The identity may be gone or changed since; status remembers where the credentials went.
    const std::string& name = !grant.status.secretName.empty() ? grant.status.secretName
                              : toolClass != nullptr           ? toolClass->slotSecretName
                                                               : grant.status.secretName;
    o.slotSecret = name.empty() ? strayedSlot(grant, toolClass != nullptr) : stores_.secrets.get(ns, name);
  }
  for (const std::string& name : grant.spec.access.secrets)
    if (auto secret = stores_.secrets.get(ns, name)) o.leasedSecrets.push_back(std::move(secret));
  o.pods = stores_.pods.byIndex(kByRunsAs, accountKey(ns, account));
  o.siblings = stores_.places.siblings(grant);
  o.proof = proofs_.proof(grant.meta.uid);
  const bool waiting =
      !grant.terminal() && !grant.status.startedAt && !apply::hasStarted(stores_.accounts, grant);
  if (waiting && o.ns.enforced && o.ns.synced)
    for (const auto& [role, path] : wanted) o.roles.push_back(roleFact(ns, role, path));
  return o;
}

plan::ObservedIdentity Observer::observe(std::shared_ptr<const api::AgentIdentity> pointer) const {
  plan::ObservedIdentity o;
  const std::string& ns = pointer->meta.ns;
  o.accounts = stores_.accounts.list(ns, api::baseAccountName(pointer->meta.name, ""));
  const auto grants = stores_.places.agent(ns, pointer->meta.name);
  o.activeGrants = grants.active;
  o.lastGrantAt = grants.lastStart;
  o.ns = factsOf(ns, false);
  o.identity = std::move(pointer);
  return o;
}

}  // namespace errand::control
