#include "cli/status/view.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/api/provenance.hpp"

namespace errand::cli {
namespace {

using api::Phase;
using Agents = std::map<std::pair<std::string, std::string>, AgentView>;

std::string stateOf(const api::AgentIdentity& identity, Time now) {
  if (identity.meta.deletionTimestamp) return "Deleting";
  if (identity.suspended) return "Suspended";
  return identity.expiresAt && *identity.expiresAt <= now ? "Expired" : "Enabled";
}

bool isBeingRevoked(const api::TaskGrant& grant) {
  const auto& revocation = grant.status.revocation;
  return grant.terminal() && revocation.requestedAt && !revocation.confirmedAt;
}

// True for an ended grant whose pods still run. Its tokens are rejected, but connections of its pods may stay
// open until they end.
bool hasPods(const api::TaskGrant& grant) {
  return grant.terminal() && !grant.status.revocation.podsRunning.empty();
}

// True for an ended grant of which something is left: tokens that are not confirmed rejected, or running
// pods.
bool isLeaving(const api::TaskGrant& grant) { return isBeingRevoked(grant) || hasPods(grant); }

std::string stateOf(const api::TaskGrant& grant) {
  if (isBeingRevoked(grant)) return "Revoking";
  if (hasPods(grant)) return "Ending";
  return std::string(api::toString(grant.status.phase.value_or(Phase::Pending)));
}

std::string requesterOf(const api::TaskGrant& grant) {
  auto requester = api::recordedRequester(grant.meta);
  return requester ? std::move(requester->user) : std::string();
}

GrantView viewOf(const api::TaskGrant& grant) {
  const api::TaskGrantStatus& status = grant.status;
  GrantView out;
  out.name = grant.meta.name;
  out.state = stateOf(grant);
  out.toolClass = grant.spec.toolClass;
  out.workload = std::string(api::toString(grant.spec.workload.kind)) + "/" + grant.spec.workload.name;
  out.reference = grant.spec.task.reference;
  out.requester = requesterOf(grant);
  out.startedAt = status.startedAt;
  out.endsAt = status.endedAt ? status.endedAt : status.endsAt;
  out.holds = status.phase == Phase::Active || isLeaving(grant);
  if (const api::Condition* ready = api::findCondition(status.conditions, "Ready");
      ready != nullptr && status.phase != Phase::Active)
    out.note = ready->message;
  if (hasPods(grant))
    out.note = fmt::format("still running: {}", fmt::join(status.revocation.podsRunning, ", "));
  return out;
}

AgentView& agent(Agents& agents, const std::string& ns, const std::string& name, const StatusInput& input) {
  const auto [it, added] = agents.try_emplace({ns, name});
  if (added) {
    it->second.ns = ns;
    it->second.name = name;
    it->second.state = input.identities ? "Deleted" : "Unknown";
    it->second.grantsRead = input.grants.has_value();
  }
  return it->second;
}

void addIdentity(Agents& agents, const api::AgentIdentity& identity, const StatusInput& input, Time now) {
  AgentView& view = agent(agents, identity.meta.ns, identity.meta.name, input);
  view.owner = identity.owner;
  view.state = stateOf(identity, now);
  view.expiresAt = identity.expiresAt;
  view.lastGrantAt = identity.status.lastGrantAt;
  for (const auto& [toolClass, name, uid] : identity.status.serviceAccounts)
    view.accounts.push_back({name, toolClass, input.accounts ? std::optional<bool>(false) : std::nullopt});
  for (const api::ToolClass& c : identity.toolClasses)
    if (!c.slotSecretName.empty())
      view.slots.push_back(
          {c.slotSecretName, c.name, input.grants ? std::optional<std::string>("") : std::nullopt});
}

void addGrant(AgentView& view, const api::TaskGrant& grant) {
  view.grants.push_back(viewOf(grant));
  const bool filled = view.grants.back().holds && grant.spec.delivery == api::DeliveryMode::Slot;
  for (SlotView& slot : view.slots)
    if (filled && slot.secretName == grant.status.secretName) slot.grant = grant.meta.name;
}

void addAccount(AgentView& view, const api::ObjectMeta& meta) {
  const auto known = std::ranges::find(view.accounts, meta.name, &AccountView::name);
  if (known != view.accounts.end())
    known->exists = true;
  else
    view.accounts.push_back({meta.name, std::string(meta.label(api::kToolClassLabel)), true});
}

}  // namespace

StatusView viewOf(const StatusInput& input, std::string_view only, Time now) {
  const auto wanted = [&](std::string_view name) { return only.empty() || only == name; };
  Agents agents;
  if (input.identities)
    for (const api::AgentIdentity& identity : *input.identities)
      if (wanted(identity.meta.name)) addIdentity(agents, identity, input, now);
  if (input.grants)
    for (const api::TaskGrant& grant : *input.grants)
      if (wanted(grant.spec.agentIdentity) && (!grant.terminal() || isLeaving(grant)))
        addGrant(agent(agents, grant.meta.ns, grant.spec.agentIdentity, input), grant);
  // Only base accounts: those of grants appear as grants.
  if (input.accounts)
    for (const api::PartialObject& account : *input.accounts)
      if (const std::string name(account.meta.label(api::kIdentityLabel));
          !name.empty() && wanted(name) && account.meta.name.starts_with(api::kBaseAccountPrefix))
        addAccount(agent(agents, account.meta.ns, name, input), account.meta);
  StatusView out{input.ns, std::string(only), {}, input.unread};
  for (auto& [key, view] : agents) {
    std::ranges::stable_sort(view.grants, std::greater{}, &GrantView::holds);
    out.agents.push_back(std::move(view));
  }
  return out;
}

}  // namespace errand::cli
