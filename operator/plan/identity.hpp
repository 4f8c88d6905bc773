// Decides about an AgentIdentity: each tool class has one base ServiceAccount without rights.
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
  std::optional<Time> lastGrantAt;
  // Roles of tool classes with a slot whose rights allow connections that stay open:
  // `watcher: Role "reader"`.
  std::vector<std::string> streams;
  bool streamsKnown = true;  // false if one of those roles is not known
};

// Restores an account whose automount setting or labels were changed.
struct RepairAccount {
  api::ServiceAccount account;
};

using IdentityAction = std::variant<CreateAccount, RepairAccount, Delete>;

// The actions for an AgentIdentity, its status and its events.
struct IdentityPlan {
  std::vector<IdentityAction> actions;
  api::AgentIdentity::Status status;
  std::vector<Event> events;
  std::optional<Millis> requeueAfter;
};

// Guarantees: an account is never changed or deleted unless the status records it or it has the identity's
// label. In status.serviceAccounts, an empty uid stands for the account that the plan creates.
IdentityPlan planIdentity(const ObservedIdentity& observed, Time now);

}  // namespace errand::plan
