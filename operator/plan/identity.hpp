// The decision for an AgentIdentity: one base ServiceAccount, without rights, a tool class.
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

struct ObservedIdentity {
  std::shared_ptr<const api::AgentIdentity> identity;
  NamespaceFacts ns;
  std::vector<std::shared_ptr<const api::ServiceAccount>>
      accounts;  // all errand-a.<agent>.* of the namespace
  std::int32_t activeGrants = 0;
  std::optional<Time> lastGrantAt;
  // Of tool classes with a slot, the roles whose rights leave connections open: `watcher: Role "reader"`.
  std::vector<std::string> streams;
  bool streamsKnown = true;  // false where one of those roles may exist and is not known
};

// The account drifted: automount or labels were changed.
struct RepairAccount {
  api::ServiceAccount account;
};

using IdentityAction = std::variant<CreateAccount, RepairAccount, Delete>;

struct IdentityPlan {
  std::vector<IdentityAction> actions;
  api::AgentIdentity::Status status;
  std::vector<Event> events;
  std::optional<Millis> requeueAfter;
};

// Guarantees: an account that does not even claim to be of an identity of that name is never changed or
// deleted. An empty uid in status.serviceAccounts is that of the account which the plan makes.
IdentityPlan planIdentity(const ObservedIdentity& observed, Time now);

}  // namespace errand::plan
