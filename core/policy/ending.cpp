#include "core/policy/ending.hpp"

#include <fmt/format.h>

namespace errand::policy {
namespace {

using api::Phase;

Ending revoked(Reason because, std::string message) { return {Phase::Revoked, because, std::move(message)}; }

Ending parentEnded(std::string message) { return revoked(Reason::ParentEnded, "spec.parentRef: " + message); }

// Compares uids along the chain. A parent that was deleted and created again is another grant.
std::optional<Ending> brokenChain(const GrantState& s) {
  const api::TaskGrant* below = s.grant.get();
  for (const Ancestor& a : s.ancestors) {
    const std::string& accepted = below->status.parentUid;
    if (!accepted.empty() && accepted != a.grant->meta.uid)
      return parentEnded(fmt::format("grant {} was replaced", a.grant->meta.name));
    below = a.grant.get();
  }
  if (below->spec.parent && s.ancestors.size() < kMaxDepth && wasAccepted(*below))
    return parentEnded(fmt::format("grant {} no longer exists", below->spec.parent->name));
  return std::nullopt;
}

}  // namespace

std::optional<Ending> endedByRequest(const GrantState& s) {
  if (s.grant->meta.deletionTimestamp) return revoked(Reason::Deleted, "the grant was deleted");
  if (s.grant->spec.revokeReason)
    return revoked(Reason::RevokeRequested, "revoked: " + *s.grant->spec.revokeReason);
  return std::nullopt;
}

std::optional<Ending> endedByParent(const GrantState& s, Time now) {
  const auto& ref = s.grant->spec.parent;
  if (!ref) return std::nullopt;
  for (const Ancestor& a : s.ancestors)
    if (a.grant->meta.name == s.grant->meta.name) return std::nullopt;  // a cycle: such a grant never starts
  if (auto ending = brokenChain(s)) return ending;
  for (const Ancestor& a : s.ancestors) {
    const api::TaskGrant& g = *a.grant;
    if (g.terminal() || g.meta.deletionTimestamp || g.spec.revokeReason)
      return parentEnded(fmt::format("grant {} has ended{}", g.meta.name,
                                     g.terminal() ? fmt::format(" ({})", g.status.endedBecause) : ""));
  }
  if (!everStarted(*s.grant)) return std::nullopt;
  const auto end = ancestorsEnd(s, now);
  if (!end) return parentEnded(fmt::format("grant {} has no credentials any more", ref->name));
  if (now >= *end) return parentEnded(fmt::format("the window of grant {} closed", ref->name));
  return std::nullopt;
}

std::optional<Ending> endedBySwitch(const GrantState& s, Time now) {
  if (s.ns.terminating) return revoked(Reason::NamespaceTerminating, "the namespace is being deleted");
  if (s.ns.suspended)
    return revoked(
        Reason::NamespaceSuspended,
        "the namespace is labelled errand.dev/suspended; create another grant once the label is gone");
  const bool accepted = wasAccepted(*s.grant);
  if (accepted && !s.ns.enforced)
    return revoked(Reason::NamespaceNotEnforced, "the namespace is no longer at errand.dev/enforce=true");
  if (const auto& since = s.grant->status.enforcedSince; since && s.ns.enforcedSince != since)
    return revoked(
        Reason::EnforcementInterrupted,
        fmt::format("the namespace was taken out of enforcement and enrolled again after the grant "
                    "was accepted (errand.dev/enforced-since was {}); create another grant",
                    formatTime(*since)));
  const auto problem = accepted ? identityProblem(s, now) : identitySwitchedOff(s, now);
  if (!problem) return std::nullopt;
  return revoked(problem->reason, problem->message);
}

std::optional<Ending> endedWhileStarted(const GrantState& s, const Start& start, Time now) {
  if (auto ending = endedByParent(s, now)) return ending;
  if (const Time end = windowEnd(s, start); now >= end)
    return Ending{Phase::Expired, Reason::WindowClosed,
                  fmt::format("the window of {} closed at {}", formatDuration(s.grant->spec.window.duration),
                              formatTime(end))};
  if (auto ending = endedBySwitch(s, now)) return ending;
  if (const auto problems = ceilingProblems(s); !problems.empty())
    return revoked(Reason::CeilingLowered, problems.front().message);
  if (const auto problem = podSelectorProblem(s)) return revoked(Reason::CeilingLowered, problem->message);
  return std::nullopt;
}

std::optional<Ending> endingOf(const GrantState& s, Time now) {
  if (auto ending = endedByRequest(s)) return ending;
  if (const auto start = startOf(*s.grant, now)) return endedWhileStarted(s, *start, now);
  if (auto ending = endedByParent(s, now)) return ending;
  return endedBySwitch(s, now);
}

}  // namespace errand::policy
