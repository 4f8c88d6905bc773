#include "operator/control/event_handlers.hpp"

#include <functional>
#include <optional>

#include "core/policy/conditions.hpp"
#include "operator/state/grantmetrics.hpp"
#include "operator/state/indexes.hpp"

namespace errand::control {
namespace {

using kube::ObjectKey;

// Delays that gather changes of many grants into one update. The counts in one agent's status are written at
// most twice a second, those of all agents at most five times. Without these delays, such updates were one in
// ten API calls while many grants started.
constexpr Millis kGather{500};
constexpr Millis kCountsApart{200};

template <class T>
ObjectKey keyOf(const T& object) {
  return {object.meta.ns, object.meta.name};
}

// Calls f with the old and the changed object, if they exist.
template <class P, class F>
void each(const P& old, const P& next, F f) {
  if (old) f(*old);
  if (next && next != old) f(*next);
}

// True if the change may let another grant start: the place or the queue position of this one changed.
bool placeChanged(const api::TaskGrant* old, const api::TaskGrant* next) {
  if (old == nullptr || next == nullptr || old->status.phase != next->status.phase) return true;
  const auto* was = api::findCondition(old->status.conditions, policy::kReady);
  const auto* is = api::findCondition(next->status.conditions, policy::kReady);
  return (was == nullptr) != (is == nullptr) || (was != nullptr && was->reason != is->reason);
}

class EventHandlers {
 public:
  EventHandlers(state::Stores& stores, Queues& queues, std::function<void()> rightsChanged)
      : stores_(stores), queues_(queues), rightsChanged_(std::move(rightsChanged)) {}

  template <class Key>
  void grants(const kube::IndexHandle<api::TaskGrant, Key>& index, const Key& key) const {
    for (const auto& grant : stores_.grants.byIndex(index, key)) queues_.grants.add(keyOf(*grant));
  }

  template <class Key>
  void identities(const kube::IndexHandle<api::AgentIdentity, Key>& index, const Key& key) const {
    for (const auto& identity : stores_.identities.byIndex(index, key))
      queues_.identities.add(keyOf(*identity));
  }

  void workload(std::string_view kind, const api::ObjectMeta& meta) const {
    grants(state::kGrantsByWorkload, state::workloadKey(meta.ns, kind, meta.name));
  }

  // Enqueues the owner of an object that belongs to a grant or an identity. Also finds the owner by the
  // object's name, because a label may have been removed.
  void owned(const api::ObjectMeta& meta) const {
    if (const auto grant = meta.label(api::kGrantLabel); !grant.empty())
      queues_.grants.add({meta.ns, std::string(grant)});
    // The objects of a grant also carry the agent's label, but the identity does not depend on them.
    if (const auto agent = meta.label(api::kIdentityLabel);
        !agent.empty() && meta.label(api::kGrantLabel).empty())
      queues_.identities.add({meta.ns, std::string(agent)});
    if (meta.name.starts_with(api::kGrantAccountPrefix))
      grants(state::kGrantsByAccount, state::accountKey(meta.ns, api::accountOfObject(meta.name)));
    if (meta.name.starts_with(api::kBaseAccountPrefix))
      queues_.identities.add({meta.ns, std::string(api::agentOfBaseAccount(meta.name))});
  }

  // A Secret may be a grant's slot, another object with the name of a slot, or the source of a lease.
  void secret(const api::ObjectMeta& meta) const {
    owned(meta);
    const state::SecretKey key = state::secretKey(meta.ns, meta.name);
    grants(state::kGrantsBySecret, key);
    for (const auto& identity : stores_.identities.byIndex(state::kIdentitiesBySlot, key))
      for (const api::ToolClass& c : identity->toolClasses)
        if (c.slotSecretName == meta.name)
          for (const auto& grant :
               stores_.grants.byIndex(state::kGrantsByAgent, state::agentKey(meta.ns, identity->meta.name)))
            if (!grant->terminal() && grant->spec.toolClass == c.name &&
                grant->spec.delivery == api::DeliveryMode::Slot)
              queues_.grants.add(keyOf(*grant));
  }

  // Handles a change of the rights of requesters, of the operator, or of an agent's account.
  void rights(const std::string& ns) const {
    rightsChanged_();
    const auto wake = [&](const kube::ObjectKey& key) { queues_.grants.addAfter(key, kGather); };
    for (const auto& key :
         stores_.grants.keys(ns.empty() ? std::nullopt : std::optional<std::string_view>(ns)))
      wake(key);
  }

  void everythingIn(const std::string& ns) const {
    for (const auto& key : stores_.grants.keys(ns)) queues_.grants.add(key);
    for (const auto& key : stores_.identities.keys(ns)) queues_.identities.add(key);
  }

  void grant(const std::shared_ptr<const api::TaskGrant>& old,
             const std::shared_ptr<const api::TaskGrant>& next) const {
    each(old, next, [&](const api::TaskGrant& g) {
      queues_.grants.add(keyOf(g));
      // The operator watches a namespace as long as a grant in it has something to revoke.
      if (!old || !next ||
          old->meta.hasFinalizer(api::kFinalizer) != next->meta.hasFinalizer(api::kFinalizer))
        queues_.namespaces.add({"", g.meta.ns});
    });
    if (!next || (old && old->meta.uid != next->meta.uid))
      queues_.sweeps.addAfter({"", old->meta.ns}, kGather);
    // Requeues the children: a child ends with its parent, and may start once the parent is Active.
    each(old, next, [&](const api::TaskGrant& g) {
      grants(state::kGrantsByParent, state::parentKey(g.meta.ns, g.meta.name));
    });
    if (placeChanged(old.get(), next.get()))
      each(old, next, [&](const api::TaskGrant& g) {
        // A grant that starts or ends its wait requeues the next ones in line.
        const auto identity = stores_.identities.get(g.meta.ns, g.spec.agentIdentity);
        const auto* c = identity ? identity->toolClass(g.spec.toolClass) : nullptr;
        for (std::string& name : stores_.grantCounts.next(g, c == nullptr ? 0 : c->maxActiveGrants))
          queues_.grants.add({g.meta.ns, std::move(name)});
        queues_.identities.addPaced({g.meta.ns, g.spec.agentIdentity}, kGather, kCountsApart);
      });
  }

  Queues& queues() const { return queues_; }

 private:
  state::Stores& stores_;
  Queues& queues_;
  std::function<void()> rightsChanged_;
};

bool sameRights(const std::shared_ptr<const api::RoleBinding>& a,
                const std::shared_ptr<const api::RoleBinding>& b) {
  return a && b && a->role == b->role && a->subjects == b->subjects;
}

}  // namespace

void connect(state::Stores& stores, Queues& queues, Connections with) {
  state::addIndexes(stores, with.ignoredRoles);
  stores.grantCounts.connect(stores.grants);
  stores.finishedJobs.follow(stores.jobs);
  state::countGrants(stores.grants);
  const EventHandlers wake(stores, queues, std::move(with.rightsChanged));
  stores.grants.onChange([wake](const auto& old, const auto& next) { wake.grant(old, next); });
  stores.identities.onChange([wake](const auto& old, const auto& next) {
    each(old, next, [&](const api::AgentIdentity& i) {
      wake.queues().identities.add(keyOf(i));
      wake.queues().namespaces.add({"", i.meta.ns});
    });
    // A status update requeues no grant. Grants cause these updates, so the two would requeue
    // each other forever.
    if (!old || !next || old->meta.generation != next->meta.generation || old->meta.uid != next->meta.uid)
      each(old, next, [&](const api::AgentIdentity& i) {
        wake.grants(state::kGrantsByAgent, state::agentKey(i.meta.ns, i.meta.name));
      });
  });
  stores.namespaces.onChange([wake](const auto& old, const auto& next) {
    each(old, next, [&](const api::PartialObject& ns) {
      wake.queues().namespaces.add({"", ns.meta.name});
      wake.queues().enforcement.add({"", ns.meta.name});
      wake.everythingIn(ns.meta.name);
    });
  });
  const auto owned = [wake](const auto& old, const auto& next) {
    each(old, next, [&](const auto& object) { wake.owned(object.meta); });
  };
  stores.accounts.onChange(owned);
  stores.bindings.onChange([wake, owned](const auto& old, const auto& next) {
    const bool grants = (!old || state::isAGrants(*old)) && (!next || state::isAGrants(*next));
    if (grants)
      owned(old, next);
    else if (!sameRights(old, next))
      wake.rights(next ? next->meta.ns : old->meta.ns);
  });
  stores.clusterBindings.onChange([wake](const auto& old, const auto& next) {
    if (!sameRights(old, next)) wake.rights("");
  });
  stores.secrets.onChange([wake](const auto& old, const auto& next) {
    each(old, next, [&](const api::PartialObject& secret) { wake.secret(secret.meta); });
  });
  stores.pods.onChange([wake](const auto& old, const auto& next) {
    each(old, next, [&](const api::Pod& pod) {
      wake.workload("Pod", pod.meta);
      for (const std::string& slot : pod.slots)
        wake.grants(state::kGrantsBySecret, state::secretKey(pod.meta.ns, slot));
      if (pod.serviceAccountName.starts_with(api::kGrantAccountPrefix))
        wake.grants(state::kGrantsByAccount, state::accountKey(pod.meta.ns, pod.serviceAccountName));
    });
  });
  const auto workload = [wake](std::string_view kind) {
    return [wake, kind](const auto& old, const auto& next) {
      each(old, next, [&](const auto& object) { wake.workload(kind, object.meta); });
    };
  };
  const auto role = [wake](std::string_view kind) {
    return [wake, kind](const auto& old, const auto& next) {
      if (old && next && old->rulesDigest == next->rulesDigest && old->meta.uid == next->meta.uid) return;
      each(old, next, [&](const api::Role& r) {
        wake.grants(state::kGrantsByRole, state::roleKey(r.meta.ns, kind, r.meta.name));
        wake.identities(state::kIdentitiesByRole, state::roleKey(r.meta.ns, kind, r.meta.name));
      });
      wake.rights(next ? next->meta.ns : old->meta.ns);
    };
  };
  stores.roles.onChange(role("Role"));
  stores.clusterRoles.onChange(role("ClusterRole"));
  stores.jobs.onChange(workload("Job"));
  stores.deployments.onChange(workload("Deployment"));
  stores.statefulSets.onChange(workload("StatefulSet"));
}

}  // namespace errand::control
