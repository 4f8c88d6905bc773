#include "operator/state/grantcounts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/policy/conditions.hpp"
#include "core/policy/reason.hpp"

namespace errand::state {
namespace {

std::uint64_t idOf(std::string_view uid) { return std::hash<std::string_view>{}(uid); }
std::uint64_t idOf(const api::TaskGrant& grant) { return idOf(grant.meta.uid); }
constexpr std::int32_t kWokenBeyondFree = 8;

enum class Wait { None, QueuePosition, Starting };

// Returns what a grant waits for, from the reason in its status. The phase Pending does not suffice: such a
// grant may also wait for its workload or its parent. Only the grant's own plan has compared them.
Wait waitOf(const api::TaskGrant& grant) {
  const api::Condition* ready = api::findCondition(grant.status.conditions, policy::kReady);
  if (ready == nullptr) return Wait::None;
  const auto reason = policy::reasonOf(*ready);
  if (reason == policy::Reason::Starting) return Wait::Starting;
  const bool inLine = reason == policy::Reason::WaitingForTurn || reason == policy::Reason::SlotTaken;
  return inLine ? Wait::QueuePosition : Wait::None;
}

std::string agentOf(std::string_view ns, std::string_view agent) { return fmt::format("{}/{}", ns, agent); }

template <class T>
void insert(std::vector<T>& sorted, const T& value) {
  const auto at = std::ranges::lower_bound(sorted, value);
  if (at != sorted.end() && *at == value) return;
  const auto offset = at - sorted.begin();
  // Grows by a quarter, because most of these vectors stay short and doubling wastes memory.
  if (sorted.size() == sorted.capacity()) sorted.reserve(sorted.size() + 1 + sorted.size() / 4);
  sorted.insert(sorted.begin() + offset, value);
}

template <class T>
void erase(std::vector<T>& sorted, const T& value) {
  const auto at = std::ranges::lower_bound(sorted, value);
  if (at != sorted.end() && *at == value) sorted.erase(at);
}

}  // namespace

std::string classKey(const api::TaskGrant& grant) {
  return fmt::format("{}/{}/{}", grant.meta.ns, grant.spec.agentIdentity, grant.spec.toolClass);
}

void GrantCounts::connect(kube::Store<api::TaskGrant>& grants) {
  // Reads the store under the lock, so that the last of several concurrent calls has seen all changes.
  grants.onChange([this, &grants](const auto& old, const auto& next) {
    const api::ObjectMeta& meta = next ? next->meta : old->meta;
    const auto state = state_.access();
    if (old) forget(*state, *old);
    const auto current = grants.get(meta.ns, meta.name);
    if (!current) return;
    forget(*state, *current);
    count(*state, *current);
  });
}

void GrantCounts::forget(State& state, const api::TaskGrant& grant) {
  const std::uint64_t id = idOf(grant);
  if (const auto it = state.classes.find(classKey(grant)); it != state.classes.end()) {
    erase(it->second.started, id);
    it->second.inSlot.erase(id);
    it->second.line.erase(positionOf(grant));
    it->second.next.erase(positionOf(grant));
    if (it->second.started.empty() && it->second.line.empty()) state.classes.erase(it);
  }
  const auto it = state.agents.find(agentOf(grant.meta.ns, grant.spec.agentIdentity));
  if (it == state.agents.end()) return;
  erase(it->second.active, id);
  if (grant.status.startedAt) erase(it->second.starts, {*grant.status.startedAt, id});
  if (it->second.active.empty() && it->second.starts.empty()) state.agents.erase(it);
}

void GrantCounts::count(State& state, const api::TaskGrant& grant) {
  const std::uint64_t id = idOf(grant);
  if (!grant.terminal()) {
    const Wait wait = waitOf(grant);
    if (grant.status.startedAt) {
      Class& c = state.classes[classKey(grant)];
      insert(c.started, id);
      if (grant.spec.delivery == api::DeliveryMode::Slot) c.inSlot.insert_or_assign(id, grant.meta.name);
    } else if (wait != Wait::None) {
      Class& c = state.classes[classKey(grant)];
      c.line.insert_or_assign(positionOf(grant),
                              Waiting{grant.meta.name, grant.spec.delivery == api::DeliveryMode::Slot});
      if (wait == Wait::QueuePosition) c.next.insert_or_assign(positionOf(grant), grant.meta.name);
    }
  }
  const bool active = grant.status.phase == api::Phase::Active;
  if (!active && !grant.status.startedAt) return;
  Agent& agent = state.agents[agentOf(grant.meta.ns, grant.spec.agentIdentity)];
  if (active) insert(agent.active, id);
  if (grant.status.startedAt) insert(agent.starts, {*grant.status.startedAt, id});
}

GrantCounts::QueuePosition GrantCounts::positionOf(const api::TaskGrant& grant) {
  return {grant.meta.creationTimestamp.value_or(Time{}), grant.meta.uid};
}

plan::Siblings GrantCounts::siblings(const api::TaskGrant& grant,
                                     const std::map<QueuePosition, Starting>& underWay) {
  plan::Siblings out;
  const auto state = state_.access();
  const auto it = state->classes.find(classKey(grant));
  static const Class none;
  const auto& [started, inSlot, line, next] = it == state->classes.end() ? none : it->second;
  out.started =
      static_cast<std::int32_t>(started.size()) - (std::ranges::binary_search(started, idOf(grant)) ? 1 : 0);
  for (const auto& [id, name] : inSlot)
    if (id != idOf(grant) && out.firstForSlot.empty()) out.firstForSlot = name;
  const auto mine = line.lower_bound(positionOf(grant));
  for (auto ahead = line.begin(); ahead != mine; ++ahead) {
    ++out.waitingEarlier;
    if (ahead->second.forSlot && out.firstForSlot.empty()) out.firstForSlot = ahead->second.name;
  }
  for (const auto& [turn, start] : underWay) {
    const bool counted = std::ranges::binary_search(started, idOf(turn.second)) ||
                         (turn < positionOf(grant) && line.contains(turn));
    if (turn.second == grant.meta.uid) continue;
    if (!counted) ++out.started;
    // A start that is filling the slot has no Secret yet, so `underWay` is its only record.
    if (start.forSlot && out.firstForSlot.empty()) out.firstForSlot = start.name;
  }
  return out;
}

GrantCounts::OfAgent GrantCounts::agent(std::string_view ns, std::string_view name) {
  OfAgent out;
  const auto state = state_.access();
  const auto it = state->agents.find(agentOf(ns, name));
  if (it == state->agents.end()) return out;
  out.active = static_cast<std::int32_t>(it->second.active.size());
  if (!it->second.starts.empty()) out.lastStart = it->second.starts.back().first;
  return out;
}

std::vector<std::string> GrantCounts::next(const api::TaskGrant& ofClass, std::int32_t maxActiveGrants) {
  std::vector<std::string> out;
  const auto state = state_.access();
  const auto it = state->classes.find(classKey(ofClass));
  if (it == state->classes.end()) return out;
  const auto free = maxActiveGrants - static_cast<std::int32_t>(it->second.started.size());
  const auto most = static_cast<size_t>(std::max(free, 0) + kWokenBeyondFree);
  for (const auto& [turn, name] : it->second.next) {
    if (out.size() == most) break;
    out.push_back(name);
  }
  return out;
}

}  // namespace errand::state
