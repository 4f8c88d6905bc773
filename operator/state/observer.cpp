#include "operator/state/observer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "core/policy/dangerous.hpp"
#include "operator/plan/checks/standing.hpp"
#include "operator/plan/names.hpp"
#include "operator/state/indexes.hpp"

namespace errand::state {

plan::NamespaceFacts Observer::factsOf(std::string_view ns, bool needed) const {
  plan::NamespaceFacts out;
  if (const auto object = stores_.namespaces.get("", ns)) {
    out = policy::factsOf(object->meta);
    if (out.enforced) out.rootCa = stores_.rootCas.access()->of(ns, object->meta.uid);
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
  const auto facts = [&](const api::ObjectMeta& meta) {
    plan::WorkloadFacts out;
    out.uid = meta.uid;
    out.deleting = meta.deletionTimestamp.has_value();
    out.created = meta.creationTimestamp;
    out.owners = ownersOf(meta);
    return out;
  };
  switch (kind) {
    case api::WorkloadKind::Job: {
      const std::string& seen = grant.status.workload.uid;
      auto job = stores_.jobs.get(ns, name);
      if (grant.status.startedAt && (!job || job->meta.uid != seen))
        if (auto finished = stores_.finishedJobs.find(seen)) job = std::move(finished);
      if (job) {
        auto out = facts(job->meta);
        out.templateDigest = job->templateDigest;
        out.podLabels = job->podLabels;
        out.slots = job->slots;
        out.suspended = job->suspended;
        out.complete = job->complete;
        out.failed = job->failed;
        out.message = job->message;
        return out;
      }
      return std::nullopt;
    }
    case api::WorkloadKind::Pod:
      if (const auto pod = stores_.pods.get(ns, name)) {
        auto out = facts(pod->meta);
        out.templateDigest = pod->templateDigest;
        out.podLabels = pod->meta.labels;
        out.slots = pod->slots;
        // A pod that is deleted while it runs stops with a code of its own choice, which is no result.
        out.complete = pod->phase == "Succeeded" && !out.deleting;
        out.failed = pod->phase == "Failed" && !out.deleting;
        return out;
      }
      return std::nullopt;
    case api::WorkloadKind::Deployment:
    case api::WorkloadKind::StatefulSet: {
      const kube::Store<api::Workload>& store =
          kind == api::WorkloadKind::Deployment ? stores_.deployments : stores_.statefulSets;
      const auto object = store.get(ns, name);
      if (!object) return std::nullopt;
      auto out = facts(object->meta);
      out.templateDigest = object->templateDigest;
      out.podLabels = object->podLabels;
      out.slots = object->slots;
      return out;
    }
  }
  return std::nullopt;
}

// Returns the controllers above an object, nearest first, at most four. Stops at a kind that is not a
// built-in controller: admission has checked the author of its pods.
std::vector<policy::Owner> Observer::ownersOf(const api::ObjectMeta& object) const {
  constexpr size_t kMostOwners = 4;
  std::vector<policy::Owner> out;
  api::ObjectMeta meta = object;
  while (out.size() < kMostOwners) {
    const api::OwnerReference* controller = meta.controller();
    if (controller == nullptr) break;
    const auto& [apiVersion, kind, name, uid, isController] = *controller;
    std::optional<api::ObjectMeta> above;
    const auto look = [&](const auto& store) {
      if (const auto found = store.get(meta.ns, name); found && found->meta.uid == uid) above = found->meta;
    };
    if (apiVersion.starts_with("apps/") && kind == "ReplicaSet")
      look(stores_.replicaSets);
    else if (apiVersion.starts_with("apps/") && kind == "Deployment")
      look(stores_.deployments);
    else if (apiVersion.starts_with("apps/") && kind == "StatefulSet")
      look(stores_.statefulSets);
    else if (apiVersion.starts_with("batch/") && kind == "Job")
      look(stores_.jobs);
    else if (apiVersion.starts_with("batch/") && kind == "CronJob")
      look(stores_.cronJobs);
    else if (kind != "DaemonSet" && kind != "ReplicationController")
      break;
    out.push_back({kind, name, above ? above->creationTimestamp : std::nullopt});
    if (!above) break;
    meta = std::move(*above);
  }
  return out;
}

std::vector<plan::StandingBinding> Observer::standingOf(const api::TaskGrant& grant) const {
  std::vector<plan::StandingBinding> out;
  const std::string& ns = grant.meta.ns;
  const std::string own = api::grantAccountName(grant.meta.uid);
  const auto look = [&](std::string key, const std::string& account) {
    const StandingKey standing(std::move(key));
    for (const kube::Store<api::RoleBinding>* store :
         std::initializer_list<const kube::Store<api::RoleBinding>*>{&stores_.bindings,
                                                                     &stores_.clusterBindings})
      for (const auto& b : store->byIndex(kBindingsByStanding, standing)) {
        const bool grants = b->meta.ns == ns && b->meta.name.starts_with(own + ".");
        const bool known = std::ranges::any_of(out, [&](const plan::StandingBinding& s) {
          return s.ns == b->meta.ns && s.name == b->meta.name;
        });
        if (!grants && !known)
          out.push_back({b->meta.ns.empty() ? "ClusterRoleBinding" : "RoleBinding", b->meta.ns, b->meta.name,
                         b->role, account});
      }
  };
  look(plan::keyOfAccount(ns, own), own);
  for (std::string& key : plan::keysOfGroups(ns)) look(std::move(key), own);
  const std::string base = api::baseAccountName(grant.spec.agentIdentity, grant.spec.toolClass);
  look(plan::keyOfAccount(ns, base), base);
  return out;
}

std::vector<plan::SlotClaim> Observer::slotClaims(const api::TaskGrant& grant,
                                                  const std::string& slot) const {
  std::vector<plan::SlotClaim> out;
  for (const auto& identity : stores_.identities.byIndex(kIdentitiesBySlot, secretKey(grant.meta.ns, slot)))
    for (const api::ToolClass& c : identity->toolClasses)
      if (c.slotSecretName == slot &&
          (identity->meta.name != grant.spec.agentIdentity || c.name != grant.spec.toolClass))
        out.push_back({identity->meta.name, c.name});
  return out;
}

std::vector<plan::SlotMount> Observer::slotMounts(const std::string& ns, const std::string& slot) const {
  std::vector<plan::SlotMount> out;
  for (const auto& pod : stores_.pods.byIndex(kPodsBySlot, secretKey(ns, slot)))
    if (pod->phase != "Succeeded" && pod->phase != "Failed")
      out.push_back(
          {pod->meta.name, pod->serviceAccountName, pod->meta.creationTimestamp, ownersOf(pod->meta)});
  return out;
}

// Returns a null role with `known` if the role does not exist. `known` is false if the store is not synced
// yet and does not have the role.
Observer::FoundRole Observer::roleOf(const std::string& ns, std::string_view kind,
                                     const std::string& name) const {
  const bool cluster = kind == "ClusterRole";
  const kube::Store<api::Role>& store = cluster ? stores_.clusterRoles : stores_.roles;
  const std::string scope = cluster ? "" : ns;
  auto role = store.get(scope, name);
  const bool known = role || store.synced(scope);
  return {std::move(role), known};
}

plan::RoleFact Observer::roleFact(const std::string& ns, const api::RoleRef& role,
                                  const std::string& path) const {
  const auto [there, known] = roleOf(ns, role.kind, role.name);
  plan::RoleFact out{role, path, known, there != nullptr, {}, {}};
  if (there) {
    out.rulesDigest = there->rulesDigest;
    out.dangers = policy::dangersOf(there->rules);
  }
  return out;
}

std::vector<std::shared_ptr<const api::RoleBinding>> Observer::bindingsOf(const api::TaskGrant& grant) const {
  return stores_.bindings.list(grant.meta.ns, api::grantAccountName(grant.meta.uid) + ".");
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
    const api::Risk risk = policy::effectiveRisk(above->spec, c);
    out.push_back({std::move(above), risk});
  }
  return out;
}

// Adds the grants below this one that have bindings, deepest first. Compares the parent's uid in their
// statuses. kMaxDepth stops a cycle.
void Observer::addDescendants(const api::TaskGrant& grant, size_t depth,
                              std::vector<plan::Descendant>& out) const {
  if (depth >= plan::kMaxDepth) return;
  const std::string& ns = grant.meta.ns;
  for (const auto& child : stores_.grants.byIndex(kGrantsByParent, parentKey(ns, grant.meta.name))) {
    if (child->status.parentUid != grant.meta.uid) continue;
    addDescendants(*child, depth + 1, out);
    if (auto bindings = bindingsOf(*child); !bindings.empty()) out.push_back({child, std::move(bindings)});
  }
}

// From the start on, the grant's status names the slot. Before the start, the slot is that of its tool class.
void Observer::observeSlot(const api::TaskGrant& grant, plan::Observed& o) const {
  const std::string& ns = grant.meta.ns;
  const api::ToolClass* toolClass = policy::toolClassOf(o);
  const std::string slot = toolClass == nullptr ? "" : toolClass->slotSecretName;
  const std::string& name = grant.status.secretName.empty() ? slot : grant.status.secretName;
  if (!name.empty()) o.slotSecret = stores_.secrets.get(ns, name);
  if (slot.empty() || grant.terminal()) return;
  o.slotClaims = slotClaims(grant, slot);
  o.slotMounts = slotMounts(ns, slot);
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
  if (grant.spec.delivery == api::DeliveryMode::Slot) observeSlot(grant, o);
  for (const std::string& name : grant.spec.access.secrets) {
    if (auto secret = stores_.secrets.get(ns, name)) o.leasedSecrets.push_back(std::move(secret));
    if (auto copy = stores_.secrets.get(ns, api::leaseCopyName(grant.meta.uid, name)))
      o.leaseCopies.push_back(std::move(copy));
  }
  o.pods = stores_.pods.byIndex(kPodsByAccount, accountKey(ns, account));
  if (grant.spec.workload.kind == api::WorkloadKind::Job)
    o.job = stores_.jobs.get(ns, grant.spec.workload.name);
  o.siblings = stores_.grantCounts.siblings(grant);
  o.proof = proofs_.proof(grant.meta.uid);
  o.guards = checks_.guards();
  if (grant.terminal() || !o.ns.enforced || !o.ns.synced) return o;
  o.ownersKnown = stores_.ownersSynced(ns);
  o.standingKnown = stores_.clusterBindings.synced();
  o.standing = standingOf(grant);
  o.request = checks_.request(grant);
  for (const auto& [role, path] : plan::wantedRoles(grant.spec)) {
    o.roles.push_back(roleFact(ns, role, path));
    // The operator needs `bind` only to create a RoleBinding, so it asks only before the start.
    if (!policy::everStarted(grant)) o.roles.back().mayBind = checks_.mayBind(ns, role);
  }
  return o;
}

plan::ObservedIdentity Observer::observe(std::shared_ptr<const api::AgentIdentity> pointer) const {
  plan::ObservedIdentity o;
  const std::string& ns = pointer->meta.ns;
  o.accounts = stores_.accounts.list(ns, api::baseAccountName(pointer->meta.name, ""));
  const auto grants = stores_.grantCounts.agent(ns, pointer->meta.name);
  o.activeGrants = grants.active;
  o.lastGrantAt = grants.lastStart;
  o.ns = factsOf(ns, false);
  for (const api::ToolClass& c : pointer->toolClasses) {
    if (c.slotSecretName.empty()) continue;
    for (const auto& [kind, named] :
         {std::pair{"Role", &c.access.roles}, {"ClusterRole", &c.access.clusterRoles}})
      for (const api::AllowedRole& role : *named) {
        const auto [there, known] = roleOf(ns, kind, role.name);
        if (!known) o.streamsKnown = false;
        if (there && policy::streamingRule(there->rules))
          o.streams.push_back(fmt::format("{}: {} \"{}\"", c.name, kind, role.name));
      }
  }
  o.identity = std::move(pointer);
  return o;
}

}  // namespace errand::state
