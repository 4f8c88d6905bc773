// The state of each agent: its owner, its current credentials, and its leftovers. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/cluster/readall.hpp"
#include "core/api/agentidentity.hpp"
#include "core/api/objects.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::cli {

// The lists that were read. A list is nullopt if it could not be read; `unread` then has the reason.
struct StatusInput {
  std::string ns;  // the namespace that was read; empty: all
  std::optional<std::vector<api::AgentIdentity>> identities;
  std::optional<std::vector<api::TaskGrant>> grants;
  std::optional<std::vector<api::PartialObject>> accounts;  // ServiceAccounts that carry an agent's label
  std::vector<Unread> unread;
};

// A grant of an agent.
struct GrantView {
  std::string name, state, toolClass, workload, reference, requester;
  std::string note;                       // why the grant is not Active; or the pods that still run
  std::optional<Time> startedAt, endsAt;  // endsAt is the actual end if the state is Revoking or Ending
  bool holds = false;                     // its credentials may be valid, or its pods may still run
};

// A ServiceAccount of an agent.
struct AccountView {
  std::string name, toolClass;
  std::optional<bool> exists;  // nullopt means unknown
};

// A slot of an agent.
struct SlotView {
  std::string secretName, toolClass;
  std::optional<std::string> grant;  // the grant with its credentials here; empty if none, nullopt if unknown
};

// An agent with its grants, accounts and slots.
struct AgentView {
  std::string ns, name, owner;
  // Enabled, Suspended, Expired or Deleting; Deleted: it has no AgentIdentity, but grants or accounts;
  // Unknown: AgentIdentities could not be read
  std::string state;
  std::optional<Time> expiresAt, lastGrantAt;
  std::vector<AccountView> accounts;
  std::vector<SlotView> slots;
  // Grants that hold credentials or wait, without finished ones; those that hold come first.
  std::vector<GrantView> grants;
  bool grantsRead = false;
};

// The result of `status`.
struct StatusView {
  std::string ns, only;           // the requested namespace and agent; empty means all
  std::vector<AgentView> agents;  // by namespace and name
  std::vector<Unread> unread;
};

// Returns each agent that has an identity, an unfinished grant or a base account. If `only` is not empty,
// returns just the agents of that name. An ended grant is listed until its revocation is confirmed and its
// pods are gone.
StatusView viewOf(const StatusInput& input, std::string_view only, Time now);

// Return the view as a table for people, and as JSON for tools.
std::string asTable(const StatusView& view, Time now);
std::string asJson(const StatusView& view);

}  // namespace errand::cli
