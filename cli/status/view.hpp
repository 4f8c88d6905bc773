// What there is of each agent: who answers for it, what it holds at this moment, what is left of it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/agentidentity.hpp"
#include "core/api/objects.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::cli {

// What the user may not read, or what could not be read of it.
struct Unread {
  std::string what, message;
};

// What was read; nothing where it could not be, and then `unread` says so.
struct StatusInput {
  std::string ns;  // whose; of all namespaces where it is empty
  std::optional<std::vector<api::AgentIdentity>> identities;
  std::optional<std::vector<api::TaskGrant>> grants;
  std::optional<std::vector<api::PartialObject>> accounts;  // ServiceAccounts that carry an agent's label
  std::vector<Unread> unread;
};

struct GrantView {
  std::string name, state, toolClass, workload, reference, requester;
  std::string note;                       // why it is not Active
  std::optional<Time> startedAt, endsAt;  // it has ended then where its state is Revoking or Ending
  bool holds = false;                     // its credentials may be valid, or its pods still run
};

struct AccountView {
  std::string name, toolClass;
  std::optional<bool> exists;  // nothing: unknown
};

struct SlotView {
  std::string secretName, toolClass;
  std::optional<std::string> grant;  // whose credentials it holds; empty: none; nothing: unknown
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
  std::string ns, only;           // what was asked for; all where it is empty
  std::vector<AgentView> agents;  // by namespace and name
  std::vector<Unread> unread;
};

// Agents of which an identity, an unfinished grant or an account is there; of the name `only` alone where it
// is not empty. A grant that has ended holds credentials until its revocation is confirmed.
StatusView viewOf(const StatusInput& input, std::string_view only, Time now);

std::string asTable(const StatusView& view, Time now);
std::string asJson(const StatusView& view);

}  // namespace errand::cli
