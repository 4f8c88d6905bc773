#include "operator/plan/identity.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace errand::plan {
namespace {

using api::ConditionStatus;

bool isOurs(const api::ObjectMeta& meta, const api::AgentIdentity& identity) {
  return meta.ownedBy(identity.meta.uid) && meta.label(api::kIdentityLabel) == identity.meta.name;
}

// Of an identity of that name which was deleted with propagation Orphan. It is not taken over: tokens of it
// may be out, and they end with its uid.
bool isOrphan(const api::ObjectMeta& meta, const api::AgentIdentity& identity) {
  return meta.owners.empty() && meta.label(api::kIdentityLabel) == identity.meta.name &&
         !meta.label(api::kToolClassLabel).empty();
}

api::ServiceAccount wantedAccount(const api::AgentIdentity& identity, const api::ToolClass& c) {
  api::ServiceAccount account;
  account.meta.name = api::baseAccountName(identity.meta.name, c.name);
  account.meta.ns = identity.meta.ns;
  account.meta.labels = {{std::string(api::kIdentityLabel), identity.meta.name},
                         {std::string(api::kToolClassLabel), c.name}};
  account.meta.owners = {
      {std::string(api::kGroupVersion), "AgentIdentity", identity.meta.name, identity.meta.uid, true}};
  account.automount = false;
  return account;
}

void report(IdentityPlan& p, const api::AgentIdentity& identity, bool ready, bool stalled,
            std::string_view reason, std::string message, Time now) {
  const auto set = [&](std::string_view type, bool value) {
    api::Condition c;
    c.type = type;
    c.status = value ? ConditionStatus::True : ConditionStatus::False;
    c.reason = reason;
    c.message = message;
    c.observedGeneration = identity.meta.generation;
    api::setCondition(p.status.conditions, std::move(c), now);
  };
  const api::Condition* before = api::findCondition(identity.status.conditions, "Ready");
  set("Ready", ready);
  set("Stalled", stalled);
  if (before == nullptr || before->reason != reason)
    p.events.push_back({stalled, std::string(reason), "Reconcile", message});
}

}  // namespace

IdentityPlan planIdentity(const ObservedIdentity& o, Time now) {
  const api::AgentIdentity& identity = *o.identity;
  IdentityPlan p;
  p.status = identity.status;
  p.status.observedGeneration = identity.meta.generation;
  p.status.activeGrants = o.activeGrants;
  if (o.lastGrantAt) p.status.lastGrantAt = std::max(*o.lastGrantAt, p.status.lastGrantAt.value_or(Time{}));
  if (identity.meta.deletionTimestamp || o.ns.terminating) return p;
  if (!o.ns.enforced) {
    report(
        p, identity, false, true, "NamespaceNotEnforced",
        fmt::format(
            "namespace {} is not labelled errand.dev/enforce=true; identities are set up only where pods are "
            "held to the rules",
            identity.meta.ns),
        now);
    return p;
  }

  std::string conflicts;
  p.status.serviceAccounts.clear();
  for (const api::ToolClass& c : identity.toolClasses) {
    const api::ServiceAccount wanted = wantedAccount(identity, c);
    const auto it =
        std::ranges::find_if(o.accounts, [&](const auto& a) { return a->meta.name == wanted.meta.name; });
    if (it == o.accounts.end()) {
      p.actions.push_back(CreateAccount{wanted});
    } else if (isOrphan((*it)->meta, identity)) {
      p.actions.push_back(Delete{api::kServiceAccounts, wanted.meta.name, (*it)->meta.uid});
      p.actions.push_back(CreateAccount{wanted});
    } else if (!isOurs((*it)->meta, identity)) {
      conflicts += fmt::format("{}ServiceAccount {} exists and was not made for this identity; delete it",
                               conflicts.empty() ? "" : "; ", wanted.meta.name);
      continue;
    } else if ((*it)->automount != std::optional(false) ||
               (*it)->meta.label(api::kToolClassLabel) != c.name) {
      p.actions.push_back(RepairAccount{wanted});
    }
    p.status.serviceAccounts.push_back({c.name, wanted.meta.name});
  }
  for (const auto& account : o.accounts) {
    const std::string_view toolClass = account->meta.label(api::kToolClassLabel);
    if (isOurs(account->meta, identity) && identity.toolClass(toolClass) == nullptr)
      p.actions.push_back(Delete{api::kServiceAccounts, account->meta.name, account->meta.uid});
  }

  if (!conflicts.empty())
    report(p, identity, false, true, "Conflict", conflicts, now);
  else if (identity.suspended)
    report(p, identity, true, false, "Suspended", "spec.state is Suspended: no grant starts", now);
  else if (identity.expiresAt && *identity.expiresAt <= now)
    report(p, identity, true, false, "Expired", "spec.expiresAt has passed: no grant starts", now);
  else
    report(p, identity, true, false, "Ready", "every tool class has its ServiceAccount", now);
  if (identity.expiresAt && *identity.expiresAt > now) p.requeueAfter = *identity.expiresAt - now;
  return p;
}

}  // namespace errand::plan
