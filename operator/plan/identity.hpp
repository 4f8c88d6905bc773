// Plans an AgentIdentity: each tool class has one base ServiceAccount without rights.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/api/agentidentity.hpp"
#include "core/api/objects.hpp"
#include "operator/plan/observed.hpp"
#include "operator/plan/plan.hpp"

namespace errand::plan {

// The input of the plan of an AgentIdentity.
struct ObservedIdentity {
  std::shared_ptr<const api::AgentIdentity> identity;
  NamespaceFacts ns;
  // All accounts errand-a.<agent>.* of the namespace.
  std::vector<std::shared_ptr<const api::ServiceAccount>> accounts;
  std::int32_t activeGrants = 0;
  std::optional<Time> lastGrantAt;  // the start of the latest grant that still exists
  // The roles that allow connections which stay open, such as a watch, in tool classes with a slot. Each is
  // text such as `watcher: Role "reader"`.
  std::vector<std::string> streams;
  bool streamsKnown = true;  // false if a role of a tool class with a slot is not in the stores yet
};

// Restores the automount setting, labels and owner of an account. It applies them by name, without a uid as
// precondition: the plan has compared the uid.
struct RepairAccount {
  api::ServiceAccount account;
};

using IdentityAction = std::variant<CreateAccount, RepairAccount, Delete>;

// The actions for an AgentIdentity, its status and its events.
struct IdentityPlan {
  std::vector<IdentityAction> actions;  // in order; a failure stops them
  api::AgentIdentity::Status status;    // to store after the actions, if it has changed
  std::vector<Event> events;            // to record if the status was stored
  std::optional<Millis> requeueAfter;   // the delay until the next plan, if no event comes first
};

// Plans the accounts and the status. Only the status changes while the namespace is not enforced. If the
// identity or the namespace is being deleted, only the counts in the status change.
//
// Guarantees: an account is never changed or deleted unless the status records it or it has the identity's
// label. In status.serviceAccounts, an empty uid stands for an account that the plan creates.
IdentityPlan planIdentity(const ObservedIdentity& observed, Time now);

}  // namespace errand::plan
