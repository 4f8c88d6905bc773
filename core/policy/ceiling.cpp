#include "core/policy/ceiling.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace errand::policy {
namespace {

using Problems = std::vector<Problem>;

void beyond(Problems& out, const std::vector<std::string>& wanted, const std::vector<std::string>& ceiling,
            std::string_view field, std::string_view agent, std::string_view toolClass) {
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (std::ranges::find(ceiling, wanted[i]) != ceiling.end()) continue;
    out.push_back(
        {Reason::BeyondCeiling,
         fmt::format(
             "spec.access.{0}[{1}]: \"{2}\" is not in access.{0} of tool class {3} of AgentIdentity {4} "
             "(allowed: {5})",
             field, i, wanted[i], toolClass, agent,
             ceiling.empty() ? "nothing" : fmt::format("{}", fmt::join(ceiling, ", ")))});
  }
}

std::vector<std::string> namesOf(const auto& list) {
  std::vector<std::string> out;
  for (const auto& entry : list) out.push_back(entry.name);
  return out;
}

// True if the grant's identity exists and is the one that accepted it.
bool hasItsIdentity(const GrantState& s) {
  return s.identity && !s.identity->meta.deletionTimestamp && !isAnotherIdentity(s);
}

std::optional<Problem> identityGone(const GrantState& s) {
  const api::TaskGrantSpec& spec = s.grant->spec;
  if (!s.identity)
    return Problem{wasAccepted(*s.grant) ? Reason::IdentityDeleted : Reason::IdentityNotFound,
                   fmt::format("spec.agentIdentityRef.name: there is no AgentIdentity \"{}\" in namespace {}",
                               spec.agentIdentity, s.grant->meta.ns)};
  if (!hasItsIdentity(s))
    return Problem{
        Reason::IdentityDeleted,
        fmt::format("spec.agentIdentityRef.name: AgentIdentity {} was deleted; create another grant "
                    "under the one that takes its place",
                    spec.agentIdentity)};
  return std::nullopt;
}

}  // namespace

std::optional<Problem> identitySwitchedOff(const GrantState& s, Time now) {
  if (!hasItsIdentity(s)) return std::nullopt;
  const std::string& agent = s.grant->spec.agentIdentity;
  if (s.identity->suspended)
    return Problem{
        Reason::IdentitySuspended,
        fmt::format("spec.agentIdentityRef.name: AgentIdentity {} is Suspended; create another grant "
                    "once its spec.state is Enabled",
                    agent)};
  if (s.identity->expiresAt && *s.identity->expiresAt <= now)
    return Problem{
        Reason::IdentityExpired,
        fmt::format("spec.agentIdentityRef.name: AgentIdentity {} expired at {}; create another grant "
                    "once its spec.expiresAt is later",
                    agent, formatTime(*s.identity->expiresAt))};
  return std::nullopt;
}

std::optional<Problem> identityProblem(const GrantState& s, Time now) {
  const api::TaskGrantSpec& spec = s.grant->spec;
  if (auto gone = identityGone(s)) return gone;
  if (auto off = identitySwitchedOff(s, now)) return off;
  if (toolClassOf(s) == nullptr)
    return Problem{
        Reason::ToolClassNotFound,
        fmt::format("spec.toolClass: AgentIdentity {} has no tool class \"{}\" (it has: {})",
                    spec.agentIdentity, spec.toolClass, fmt::join(namesOf(s.identity->toolClasses), ", "))};
  return std::nullopt;
}

Problems ceilingProblems(const GrantState& s) {
  Problems out;
  const api::TaskGrantSpec& spec = s.grant->spec;
  const api::ToolClass& c = *toolClassOf(s);
  beyond(out, spec.access.roles, namesOf(c.access.roles), "roles", spec.agentIdentity, c.name);
  beyond(out, spec.access.clusterRoles, namesOf(c.access.clusterRoles), "clusterRoles", spec.agentIdentity,
         c.name);
  beyond(out, spec.access.secrets, c.access.secrets, "secrets", spec.agentIdentity, c.name);
  beyond(out, spec.access.audiences, namesOf(c.access.audiences), "audiences", spec.agentIdentity, c.name);
  if (effectiveRisk(spec, &c) > c.risk)
    out.push_back(
        {Reason::BeyondCeiling, fmt::format("spec.task.risk: {} is above what tool class {} may take ({})",
                                            api::toString(spec.task.risk), c.name, api::toString(c.risk))});
  if (spec.window.duration > c.maxDuration)
    out.push_back({Reason::BeyondCeiling,
                   fmt::format("spec.window.duration: {} is longer than maxDuration of tool class {} ({})",
                               formatDuration(spec.window.duration), c.name, formatDuration(c.maxDuration))});
  if (spec.delivery == api::DeliveryMode::Slot && c.slotSecretName.empty())
    out.push_back({Reason::BeyondCeiling,
                   fmt::format("spec.delivery.mode: tool class {} of AgentIdentity {} has no slot; use "
                               "Projected, or give the tool class a slot",
                               c.name, spec.agentIdentity)});
  const std::string& held = s.grant->status.secretName;
  if (spec.delivery == api::DeliveryMode::Slot && everStarted(*s.grant) && !held.empty() &&
      held != c.slotSecretName)
    out.push_back(
        {Reason::BeyondCeiling,
         fmt::format("spec.delivery.mode: the slot of tool class {} is no longer {}", c.name, held)});
  return out;
}

std::optional<Problem> podSelectorProblem(const GrantState& s) {
  if (!s.workload || s.identity->podSelector.matches(s.workload->podLabels)) return std::nullopt;
  const api::TaskGrantSpec& spec = s.grant->spec;
  return Problem{
      Reason::BeyondCeiling,
      fmt::format("spec.workload: spec.podSelector of AgentIdentity {} does not match the labels of "
                  "{} {}'s pods; label its pod template so that it does",
                  spec.agentIdentity, api::toString(spec.workload.kind), spec.workload.name)};
}

std::string mayNotBind(std::string_view path, std::string_view kind, std::string_view name,
                       std::string_view ns) {
  return fmt::format(
      "{0}: the operator may not bind {1} \"{2}\"; add it to the Role errand-operator-bind of "
      "namespace {3}: kubectl errand enroll {3} --bind {4}{2} --apply",
      path, kind, name, ns, kind == "ClusterRole" ? "clusterrole/" : "");
}

}  // namespace errand::policy
