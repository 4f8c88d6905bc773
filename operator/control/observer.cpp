#include "operator/control/observer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "operator/plan/judge/scope.hpp"
#include "operator/plan/plan.hpp"

namespace errand::control {
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

std::string parentKey(std::string_view ns, std::string_view parent) {
  return fmt::format("{}/{}", ns, parent);
}
std::string roleKey(std::string_view ns, std::string_view kind, std::string_view name) {
  return fmt::format("{}/{}/{}", kind == "Role" ? ns : std::string_view(), kind, name);
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
        out.templateDigest = job->templateDigest;
        out.podLabels = job->podLabels;
        out.complete = job->complete;
        out.failed = job->failed;
        out.message = job->message;
        return out;
      }
      return std::nullopt;
    case api::WorkloadKind::Pod:
      if (const auto pod = stores_.pods.get(ns, name)) {
        auto out = facts(pod->meta);
        out.templateDigest = pod->templateDigest;
        out.podLabels = pod->meta.labels;
        out.complete = pod->phase == "Succeeded";
        out.failed = pod->phase == "Failed";
        return out;
      }
      return std::nullopt;
    case api::WorkloadKind::Deployment:
    case api::WorkloadKind::StatefulSet: {
      const auto& store = kind == api::WorkloadKind::Deployment ? stores_.deployments : stores_.statefulSets;
      const auto object = store.get(ns, name);
      if (!object) return std::nullopt;
      auto out = facts(object->meta);
      out.templateDigest = object->templateDigest;
      out.podLabels = object->podLabels;
      return out;
    }
  }
  return std::nullopt;
}

// A start that broke off before the status could name its Secret, of an identity that has gone or names
// another slot since: the Secret itself still says whose it is.
std::shared_ptr<const api::Object> Observer::strayedSlot(const api::TaskGrant& grant) const {
  const auto& revocation = grant.status.revocation;
  const bool had = grant.terminal() ? revocation.requestedAt && !revocation.confirmedAt
                                    : apply::hasStarted(stores_.accounts, grant);
  if (!had) return nullptr;
  for (auto& secret : stores_.secrets.list(grant.meta.ns))
    if (secret->meta.label(api::kGrantUidLabel) == grant.meta.uid) return secret;
  return nullptr;
}

std::vector<plan::SlotClaim> Observer::slotClaims(const api::TaskGrant& grant,
                                                  const std::string& slot) const {
  std::vector<plan::SlotClaim> out;
  for (const auto& identity :
       stores_.identities.byIndex(std::string(kBySlot), secretKey(grant.meta.ns, slot)))
    for (const api::ToolClass& c : identity->toolClasses)
      if (c.slotSecretName == slot &&
          (identity->meta.name != grant.spec.agentIdentity || c.name != grant.spec.toolClass))
        out.push_back({identity->meta.name, c.name});
  return out;
}

std::vector<plan::SlotHolder> Observer::slotHolders(const api::TaskGrant& grant,
                                                    const std::string& slot) const {
  std::vector<plan::SlotHolder> out;
  const std::string own = api::baseAccountName(grant.spec.agentIdentity, grant.spec.toolClass);
  for (const auto& pod : stores_.pods.byIndex(std::string(kByNamedSlot), secretKey(grant.meta.ns, slot)))
    if (pod->serviceAccountName != own && pod->phase != "Succeeded" && pod->phase != "Failed")
      out.push_back({pod->meta.name, pod->serviceAccountName});
  return out;
}

plan::RoleFact Observer::roleFact(const std::string& ns, const api::RoleRef& role,
                                  const std::string& path) const {
  const bool cluster = role.kind == "ClusterRole";
  const auto& store = cluster ? stores_.clusterRoles : stores_.roles;
  const std::string scope = cluster ? "" : ns;
  const auto there = store.get(scope, role.name);
  return {role, path, there || store.synced(scope), there != nullptr, there ? there->rulesDigest : ""};
}

std::vector<std::shared_ptr<const api::RoleBinding>> Observer::bindingsOf(const api::TaskGrant& grant) const {
  std::vector<std::shared_ptr<const api::RoleBinding>> out;
  for (const auto& [role, path] : plan::wantedRoles(grant.spec))
    if (auto binding = stores_.bindings.get(grant.meta.ns, plan::bindingName(grant.meta.uid, role)))
      out.push_back(std::move(binding));
  return out;
}

std::vector<plan::Ancestor> Observer::ancestorsOf(const api::TaskGrant& grant) const {
  std::vector<plan::Ancestor> out;
  const std::string& ns = grant.meta.ns;
  auto ref = grant.spec.parent;
  while (ref && out.size() < plan::kMaxDepth) {
    auto above = stores_.grants.get(ns, ref->name);
    if (!above) break;
    const auto identity = stores_.identities.get(ns, above->spec.agentIdentity);
    const auto* c = identity ? identity->toolClass(above->spec.toolClass) : nullptr;
    ref = above->spec.parent;
    auto account = stores_.accounts.get(ns, api::grantAccountName(above->meta.uid));
    const api::Risk risk = plan::effectiveRisk(above->spec, c);
    out.push_back({std::move(above), std::move(account), risk});
  }
  return out;
}

// Those that were accepted under this very grant. A cycle ends by its depth.
void Observer::addDescendants(const api::TaskGrant& grant, size_t depth,
                              std::vector<plan::Descendant>& out) const {
  if (depth >= plan::kMaxDepth) return;
  const std::string& ns = grant.meta.ns;
  for (const auto& child : stores_.grants.byIndex(std::string(kByParent), parentKey(ns, grant.meta.name))) {
    const auto account = stores_.accounts.get(ns, api::grantAccountName(child->meta.uid));
    if (!account || account->meta.label(plan::kParentUidLabel) != grant.meta.uid) continue;
    addDescendants(*child, depth + 1, out);
    if (auto bindings = bindingsOf(*child); !bindings.empty()) out.push_back({child, std::move(bindings)});
  }
}

plan::Observed Observer::observe(std::shared_ptr<const api::TaskGrant> pointer) const {
  const api::TaskGrant& grant = *pointer;
  const std::string& ns = grant.meta.ns;
  plan::Observed o;
  o.grant = std::move(pointer);
  o.identity = stores_.identities.get(ns, grant.spec.agentIdentity);
  o.ns = factsOf(ns, grant.meta.hasFinalizer(api::kFinalizer));
  o.workload = workloadOf(grant);
  const std::string account = api::grantAccountName(grant.meta.uid);
  o.account = stores_.accounts.get(ns, account);
  o.bindings = bindingsOf(grant);
  o.ancestors = ancestorsOf(grant);
  addDescendants(grant, 1, o.descendants);
  const api::ToolClass* toolClass = o.identity ? o.identity->toolClass(grant.spec.toolClass) : nullptr;
  if (grant.spec.delivery == api::DeliveryMode::Slot) {
    // The identity may be gone or changed since; status remembers where the credentials went.
    const std::string& name = !grant.status.secretName.empty() ? grant.status.secretName
                              : toolClass != nullptr           ? toolClass->slotSecretName
                                                               : grant.status.secretName;
    if (!name.empty()) o.slotSecret = stores_.secrets.get(ns, name);
    const bool found = o.slotSecret && o.slotSecret->meta.label(api::kGrantUidLabel) == grant.meta.uid;
    if (!found && grant.status.secretName.empty())
      if (auto strayed = strayedSlot(grant)) o.slotSecret = std::move(strayed);
    if (toolClass != nullptr && !grant.terminal() && !toolClass->slotSecretName.empty()) {
      o.slotClaims = slotClaims(grant, toolClass->slotSecretName);
      o.slotHolders = slotHolders(grant, toolClass->slotSecretName);
    }
  }
  for (const std::string& name : grant.spec.access.secrets) {
    if (auto secret = stores_.secrets.get(ns, name)) o.leasedSecrets.push_back(std::move(secret));
    if (auto copy = stores_.secrets.get(ns, api::leaseCopyName(grant.meta.uid, name)))
      o.leaseCopies.push_back(std::move(copy));
  }
  o.pods = stores_.pods.byIndex(kByRunsAs, accountKey(ns, account));
  o.siblings = stores_.places.siblings(grant);
  o.proof = proofs_.proof(grant.meta.uid);
  const bool waiting =
      !grant.terminal() && !grant.status.startedAt && !apply::hasStarted(stores_.accounts, grant);
  if (waiting && o.ns.enforced && o.ns.synced) o.request = request_(grant);
  if (!grant.terminal() && o.ns.enforced && o.ns.synced)
    for (const auto& [role, path] : plan::wantedRoles(grant.spec))
      o.roles.push_back(roleFact(ns, role, path));
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
