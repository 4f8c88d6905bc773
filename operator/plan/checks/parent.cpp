#include "operator/plan/checks/parent.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "operator/plan/checks/derived.hpp"

namespace errand::plan {
namespace {

using api::ParentRelation;

void beyondParent(std::vector<Problem>& out, const std::vector<std::string>& wanted,
                  const std::vector<std::string>& has, std::string_view field, std::string_view parent) {
  for (size_t i = 0; i < wanted.size(); ++i)
    if (std::ranges::find(has, wanted[i]) == has.end())
      out.push_back({Reason::BeyondParent,
                     fmt::format("spec.access.{0}[{1}]: \"{2}\" is not in access.{0} of grant {3}, which can "
                                 "only pass on what it has; leave it out, or ask for a StepUp",
                                 field, i, wanted[i], parent)});
}

void delegationProblems(const Observed& o, std::vector<Problem>& out) {
  const api::TaskGrantSpec& spec = o.grant->spec;
  const Ancestor& above = o.ancestors.front();
  const api::TaskGrantSpec& parent = above.grant->spec;
  const std::string& name = above.grant->meta.name;
  beyondParent(out, spec.access.roles, parent.access.roles, "roles", name);
  beyondParent(out, spec.access.clusterRoles, parent.access.clusterRoles, "clusterRoles", name);
  beyondParent(out, spec.access.audiences, parent.access.audiences, "audiences", name);
  beyondParent(out, spec.access.secrets, parent.access.secrets, "secrets", name);
  if (const api::Risk risk = policy::effectiveRisk(spec, toolClassOf(o)); risk > above.risk)
    out.push_back({Reason::BeyondParent, fmt::format("spec.task.risk: {} is above the risk of grant {} ({})",
                                                     api::toString(risk), name, api::toString(above.risk))});
  if (spec.window.duration > parent.window.duration)
    out.push_back(
        {Reason::BeyondParent,
         fmt::format("spec.window.duration: {} is longer than that of grant {} ({})",
                     formatDuration(spec.window.duration), name, formatDuration(parent.window.duration))});
}

}  // namespace

std::vector<Problem> parentProblems(const Observed& o) {
  std::vector<Problem> out;
  const auto& ref = o.grant->spec.parent;
  if (!ref) return out;
  if (o.ancestors.empty()) {
    out.push_back({Reason::ParentNotFound, fmt::format("spec.parentRef.name: there is no TaskGrant \"{}\" in "
                                                       "namespace {}",
                                                       ref->name, o.grant->meta.ns)});
    return out;
  }
  for (const Ancestor& a : o.ancestors)
    if (a.grant->meta.name == o.grant->meta.name) {
      out.push_back({Reason::ParentCycle,
                     fmt::format("spec.parentRef.name: TaskGrant {} is itself under this grant; create "
                                 "one of them without parentRef",
                                 ref->name)});
      return out;
    }
  if (o.ancestors.size() >= kMaxDepth)
    out.push_back({Reason::ParentTooDeep,
                   fmt::format("spec.parentRef.name: TaskGrant {} is the last of a chain of {} grants, and a "
                               "chain has no more; create the grant under one further up",
                               ref->name, kMaxDepth)});
  if (ref->relation == ParentRelation::Delegation)
    delegationProblems(o, out);
  else if (const auto& agent = o.ancestors.front().grant->spec.agentIdentity;
           agent != o.grant->spec.agentIdentity)
    out.push_back(
        {Reason::BeyondParent,
         fmt::format("spec.agentIdentityRef.name: a StepUp is for the agent of its parent ({}), not "
                     "for another",
                     agent)});
  return out;
}

bool parentRuns(const Observed& o, Time now) {
  if (o.ancestors.empty()) return false;
  const Ancestor& parent = o.ancestors.front();
  const auto end = ancestorsEnd(o, now);
  return parent.grant->status.phase == api::Phase::Active && end && now < *end;
}

}  // namespace errand::plan
