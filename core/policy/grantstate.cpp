#include "core/policy/grantstate.hpp"

#include <algorithm>

#include "core/api/codec.hpp"

namespace errand::policy {

NamespaceFacts factsOf(const api::ObjectMeta& ns) {
  NamespaceFacts out;
  out.enforced = ns.label(api::kEnforceLabel) == "true";
  out.suspended = ns.label(api::kSuspendedLabel) == "true";
  out.terminating = ns.deletionTimestamp.has_value();
  if (const auto since = parseTime(ns.annotation(api::kEnforcedSinceAnnotation))) out.enforcedSince = *since;
  return out;
}

std::optional<Start> startOf(const api::TaskGrant& grant, Time now) {
  if (!grant.status.startedAt) return std::nullopt;
  return Start{std::min(*grant.status.startedAt, now), grant.status.workload.uid};
}

bool wasAccepted(const api::TaskGrant& grant) {
  return everStarted(grant) || !grant.status.serviceAccount.uid.empty();
}

bool isAnotherIdentity(const GrantState& s) {
  const std::string& accepted = s.grant->status.identityUid;
  return s.identity && !accepted.empty() && accepted != s.identity->meta.uid;
}

const api::ToolClass* toolClassOf(const GrantState& s) {
  return s.identity ? s.identity->toolClass(s.grant->spec.toolClass) : nullptr;
}

api::Risk effectiveRisk(const api::TaskGrantSpec& spec, const api::ToolClass* toolClass) {
  return toolClass == nullptr ? spec.task.risk : std::max(spec.task.risk, toolClass->leastRisk());
}

std::optional<Time> ancestorsEnd(const GrantState& s, Time now) {
  Time end = Time::max();
  for (const Ancestor& a : s.ancestors) {
    const auto start = startOf(*a.grant, now);
    if (!start) return std::nullopt;
    end = std::min(end, start->at + a.grant->spec.window.duration);
  }
  return end;
}

Time windowEnd(const GrantState& s, const Start& start) {
  const Time own = start.at + s.grant->spec.window.duration;
  if (!s.grant->spec.parent) return own;
  return std::min(own, ancestorsEnd(s, start.at).value_or(own));
}

}  // namespace errand::policy
