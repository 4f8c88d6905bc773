#include "operator/plan/identity.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/policy/conditions.hpp"

namespace errand::plan {
namespace {

using api::ConditionStatus;

// True if the status records the account's uid, and the account is not older than the enforcement of its
// namespace. Labels and owner prove nothing, because an account may be older than the policies on its name.
bool isOurs(const api::ServiceAccount& account, const ObservedIdentity& o) {
  const auto& known = o.identity->status.serviceAccounts;
  const bool recorded = std::ranges::any_of(known, [&](const api::AgentIdentity::Account& a) {
    return a.name == account.meta.name && a.uid == account.meta.uid;
  });
  return recorded && account.meta.creationTimestamp.value_or(Time{}) >= *o.ns.enforcedSince;
}

// True for an account that has the agent's label but is not isOurs(). It may be forged, older than the
// enforcement, or left by a deleted identity of that name (propagation Orphan). The operator may also have
// created it and crashed before it stored the status. The operator does not adopt it, because its tokens may
// be in use, and they are valid until the account is deleted.
bool isDisowned(const api::ServiceAccount& account, const ObservedIdentity& o) {
  return !isOurs(account, o) && account.meta.label(api::kIdentityLabel) == o.identity->meta.name;
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

// A Projected pod ends with its task. A slot's pod keeps running, and so do its open connections.
void reportStreams(IdentityPlan& p, const ObservedIdentity& o, Time now) {
  std::string which;
  for (const std::string& role : o.streams) which.append(which.empty() ? "" : ", ").append(role);
  api::Condition c;
  c.type = policy::kStreamsEnd;
  if (!which.empty()) {
    c.status = ConditionStatus::False;
    c.reason = policy::toString(Reason::SlotMayStream);
    c.message = fmt::format(
        "a watch, log or shell that a slot's pod opens goes on after the task ({}); "
        "take those rights out, or deliver such tasks by Projected",
        which);
  } else if (!o.streamsKnown) {
    c.status = ConditionStatus::Unknown;
    c.reason = policy::toString(Reason::RolesNotSynced);
    c.message =
        "the operator does not know the roles of the tool classes with a slot yet; it must list Roles "
        "and ClusterRoles";
  } else {
    c.status = ConditionStatus::True;
    c.reason = policy::toString(Reason::NoneInSlots);
    c.message = "no role of a tool class with a slot leaves a connection open";
  }
  c.observedGeneration = o.identity->meta.generation;
  api::setCondition(p.status.conditions, std::move(c), now);
}

void report(IdentityPlan& p, const api::AgentIdentity& identity, bool ready, bool stalled, Reason reason,
            std::string message, Time now) {
  const auto set = [&](std::string_view type, bool value) {
    api::Condition c;
    c.type = type;
    c.status = value ? ConditionStatus::True : ConditionStatus::False;
    c.reason = policy::toString(reason);
    c.message = message;
    c.observedGeneration = identity.meta.generation;
    api::setCondition(p.status.conditions, std::move(c), now);
  };
  const api::Condition* before = api::findCondition(identity.status.conditions, policy::kReady);
  set(policy::kReady, ready);
  set(policy::kStalled, stalled);
  if (before == nullptr || before->reason != policy::toString(reason))
    p.events.push_back({stalled, reason, "Reconcile", message});
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
        p, identity, false, true, Reason::NamespaceNotEnforced,
        fmt::format(
            "namespace {} is not labelled errand.dev/enforce=true; identities are set up only where pods are "
            "held to the rules",
            identity.meta.ns),
        now);
    return p;
  }

  if (!o.ns.enforcedSince || now < *o.ns.enforcedSince) {
    if (!o.ns.rootCa.problem.empty()) {
      report(p, identity, false, true, Reason::RootCaDiffers, o.ns.rootCa.problem, now);
      return p;
    }
    report(p, identity, false, false, Reason::EnforcementSettling,
           o.ns.enforcedSince ? fmt::format("accounts count from {} on", formatTime(*o.ns.enforcedSince))
                              : fmt::format("the operator has yet to write {} on namespace {}",
                                            api::kEnforcedSinceAnnotation, identity.meta.ns),
           now);
    if (o.ns.enforcedSince) p.requeueAfter = *o.ns.enforcedSince - now;
    return p;
  }

  std::string conflicts;
  p.status.serviceAccounts.clear();
  for (const api::ToolClass& c : identity.toolClasses) {
    const api::ServiceAccount wanted = wantedAccount(identity, c);
    const auto it =
        std::ranges::find_if(o.accounts, [&](const auto& a) { return a->meta.name == wanted.meta.name; });
    std::string uid;
    if (it == o.accounts.end()) {
      p.actions.push_back(CreateAccount{wanted});
    } else if (isDisowned(**it, o)) {
      p.actions.push_back(Delete{api::kServiceAccounts, wanted.meta.name, (*it)->meta.uid});
      p.actions.push_back(CreateAccount{wanted});
    } else if (!isOurs(**it, o)) {
      conflicts += fmt::format("{}ServiceAccount {} exists and was not made for this identity; delete it",
                               conflicts.empty() ? "" : "; ", wanted.meta.name);
      continue;
    } else {
      uid = (*it)->meta.uid;
      if ((*it)->automount != std::optional(false) || (*it)->meta.label(api::kToolClassLabel) != c.name ||
          (*it)->meta.label(api::kIdentityLabel) != identity.meta.name) {
        // With a uid, the API server rejects the write if another account has the name by now.
        api::ServiceAccount repaired = wanted;
        repaired.meta.uid = uid;
        p.actions.push_back(RepairAccount{std::move(repaired)});
      }
    }
    p.status.serviceAccounts.push_back({c.name, wanted.meta.name, std::move(uid)});
  }
  for (const auto& account : o.accounts) {
    const bool wanted = std::ranges::any_of(identity.toolClasses, [&](const api::ToolClass& c) {
      return account->meta.name == api::baseAccountName(identity.meta.name, c.name);
    });
    if (!wanted && (isOurs(*account, o) || isDisowned(*account, o)))
      p.actions.push_back(Delete{api::kServiceAccounts, account->meta.name, account->meta.uid});
  }

  reportStreams(p, o, now);
  if (!conflicts.empty())
    report(p, identity, false, true, Reason::Conflict, conflicts, now);
  else if (!o.ns.rootCa.problem.empty())
    report(p, identity, false, true, Reason::RootCaDiffers, o.ns.rootCa.problem, now);
  else if (identity.suspended)
    report(p, identity, true, false, Reason::Suspended, "spec.state is Suspended: no grant starts", now);
  else if (identity.expiresAt && *identity.expiresAt <= now)
    report(p, identity, true, false, Reason::Expired, "spec.expiresAt has passed: no grant starts", now);
  else
    report(p, identity, true, false, Reason::Ready, "every tool class has its ServiceAccount", now);
  if (identity.expiresAt && *identity.expiresAt > now) p.requeueAfter = *identity.expiresAt - now;
  // A first list that does not contain the roles triggers no event, so this polls.
  constexpr Millis kLooksAgain{5'000};
  if (!o.streamsKnown) p.requeueAfter = std::min(p.requeueAfter.value_or(kLooksAgain), kLooksAgain);
  return p;
}

}  // namespace errand::plan
