// The state of each agent: its owner, the credentials that it holds at this moment, and leftovers of it.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/agentidentity.hpp"
#include "core/api/objects.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::cli {

// A resource that the user may not read, or that could not be read.
struct Unread {
  std::string what, message;
};

// The lists that were read. A list that could not be read is nullopt, and `unread` records it.
struct StatusInput {
  std::string ns;  // the namespace that was read; empty: all
  std::optional<std::vector<api::AgentIdentity>> identities;
  std::optional<std::vector<api::TaskGrant>> grants;
  std::optional<std::vector<api::PartialObject>> accounts;  // ServiceAccounts that carry an agent's label
  std::vector<Unread> unread;
};

struct GrantView {
  std::string name, state, toolClass, workload, reference, requester;
  std::string note;                       // why it is not Active
  std::optional<Time> startedAt, endsAt;  // endsAt is the actual end if the state is Revoking or Ending
  bool holds = false;                     // its credentials may be valid, or its pods still run
};

struct AccountView {
  std::string name, toolClass;
  std::optional<bool> exists;  // nothing: unknown
};

struct SlotView {
  std::string secretName, toolClass;
  std::optional<std::string> grant;  // that has its credentials here; empty: none; nullopt: unknown
};

struct AgentView {
  std::string ns, name, owner;
  std::string state;  // Enabled, Suspended, Expired, Deleting; Deleted: only traces; Unknown: may not be read
  std::optional<Time> expiresAt, lastGrantAt;
  std::vector<AccountView> accounts;
  std::vector<SlotView> slots;
  std::vector<GrantView> grants;  // those that hold credentials or wait; no finished ones
  bool grantsRead = false;
};

struct StatusView {
  std::string ns, only;           // the requested namespace and agent; empty: all
  std::vector<AgentView> agents;  // by namespace and name
  std::vector<Unread> unread;
};

// Returns each agent that has an identity, an unfinished grant or an account. If `only` is not empty, returns
// just the agents of that name. A grant that has ended holds credentials until its revocation is confirmed.
StatusView viewOf(const StatusInput& input, std::string_view only, Time now);

std::string asTable(const StatusView& view, Time now);
std::string asJson(const StatusView& view);

}  // namespace errand::cli
