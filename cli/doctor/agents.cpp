#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "cli/doctor/diagnose.hpp"
#include "cli/verdict/commands.hpp"
#include "core/policy/conditions.hpp"
#include "core/policy/reason.hpp"
#include "rules/cluster/clusterstate.hpp"

namespace errand::cli {
namespace {

using Lines = std::vector<CheckLine>;

bool isTrue(const api::Condition* condition) {
  return condition != nullptr && condition->status == api::ConditionStatus::True;
}

bool has(const api::Condition* condition, policy::Reason reason) {
  return condition != nullptr && condition->reason == policy::toString(reason);
}

// Returns nullopt for an identity that is ready.
std::optional<CheckLine> identityLine(const api::AgentIdentity& identity) {
  const std::string object = fmt::format("AgentIdentity/{}/{}", identity.meta.ns, identity.meta.name);
  const api::Condition* ready = api::findCondition(identity.status.conditions, policy::kReady);
  const api::Condition* stalled = api::findCondition(identity.status.conditions, policy::kStalled);
  if (identity.suspended)
    return CheckLine{"identity", object, Verdict::Note, "suspended: its grants are revoked, and none starts"};
  if (has(ready, policy::Reason::Expired))
    return CheckLine{"identity", object, Verdict::Note, "spec.expiresAt has passed: no grant starts"};
  // The line of the namespace names a namespace that is half enrolled.
  if (isTrue(stalled) && has(stalled, policy::Reason::NamespaceNotEnforced))
    return CheckLine{"identity", object, Verdict::Note, "its namespace is not enrolled"};
  if (isTrue(ready) && !isTrue(stalled)) return std::nullopt;
  if (has(ready, policy::Reason::EnforcementSettling))
    return CheckLine{"identity", object, Verdict::Waits, ready->message};
  const api::Condition* cause = isTrue(stalled) ? stalled : ready;
  return wrong("identity", object,
               {{"",
                 cause == nullptr ? "" : cause->reason,
                 cause == nullptr ? "the operator has not seen it yet" : cause->message,
                 {fmt::format("kubectl describe agentidentity {} -n {}", shellWord(identity.meta.name),
                              shellWord(identity.meta.ns))}}});
}

void checkIdentities(const std::vector<api::AgentIdentity>& identities, Lines& out) {
  size_t ready = 0;
  for (const api::AgentIdentity& identity : identities)
    if (auto line = identityLine(identity))
      out.push_back(std::move(*line));
    else
      ++ready;
  out.push_back({"identities", "", Verdict::Ok, fmt::format("{} of {} are ready", ready, identities.size())});
}

void checkGrants(const std::vector<api::TaskGrant>& grants, Lines& out) {
  struct Group {
    size_t count = 0;
    const api::TaskGrant* example = nullptr;
  };
  std::map<std::string, Group> stalled;
  size_t open = 0;
  for (const api::TaskGrant& grant : grants) {
    open += grant.terminal() ? 0 : 1;
    const api::Condition* condition = api::findCondition(grant.status.conditions, policy::kStalled);
    if (!isTrue(condition)) continue;
    Group& group = stalled[condition->reason];
    ++group.count;
    if (group.example == nullptr) group.example = &grant;
  }
  for (const auto& [reason, group] : stalled) {
    const api::ObjectMeta& meta = group.example->meta;
    out.push_back(wrong("grants", "",
                        {{"",
                          reason,
                          fmt::format("{} stalled, such as {}/{}", group.count, meta.ns, meta.name),
                          {fmt::format("kubectl errand explain taskgrant/{} -n {}", shellWord(meta.name),
                                       shellWord(meta.ns))}}}));
  }
  if (stalled.empty())
    out.push_back({"grants", "", Verdict::Ok, fmt::format("{} have not ended, none is stalled", open)});
}

std::string inWords(const std::vector<const RequesterRead*>& requesters) {
  std::vector<std::string> words;
  for (const RequesterRead* r : requesters) words.push_back(fmt::format("{} (by {})", r->subject, r->role));
  std::ranges::sort(words);
  const auto twice = std::ranges::unique(words);
  words.erase(twice.begin(), twice.end());
  return fmt::format("{}", fmt::join(words, ", "));
}

void checkRequesters(const DoctorFacts& facts, Lines& out) {
  if (!facts.requesters.value) {
    out.push_back({"requesters", "", Verdict::Unknown, facts.requesters.unread});
    return;
  }
  std::map<std::string, std::vector<const RequesterRead*>> byNamespace;
  for (const RequesterRead& r : *facts.requesters.value) byNamespace[r.ns].push_back(&r);
  if (const auto it = byNamespace.find(""); it != byNamespace.end())
    out.push_back({"requesters", "every namespace", Verdict::Ok, inWords(it->second)});
  if (!facts.namespaces.value) return;
  for (const api::PartialObject& ns : *facts.namespaces.value) {
    if (rules::modeOf(ns.meta.label(api::kEnforceLabel)) != rules::Mode::Enforce) continue;
    const auto it = byNamespace.find(ns.meta.name);
    if (it != byNamespace.end())
      out.push_back({"requesters", "Namespace/" + ns.meta.name, Verdict::Ok, inWords(it->second)});
  }
}

}  // namespace

void checkAgents(const DoctorFacts& facts, Lines& out) {
  if (facts.identities.value)
    checkIdentities(*facts.identities.value, out);
  else if (facts.identities.isUnknown())
    out.push_back({"identities", "", Verdict::Unknown, facts.identities.unread});
  if (facts.grants.value)
    checkGrants(*facts.grants.value, out);
  else if (facts.grants.isUnknown())
    out.push_back({"grants", "", Verdict::Unknown, facts.grants.unread});
  checkRequesters(facts, out);
}

}  // namespace errand::cli
