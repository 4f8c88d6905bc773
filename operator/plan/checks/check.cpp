#include "operator/plan/checks/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/policy/starting.hpp"
#include "operator/plan/checks/derived.hpp"
#include "operator/plan/checks/parent.hpp"
#include "operator/plan/checks/standing.hpp"

namespace errand::plan {
namespace {

using Problems = std::vector<Problem>;

// With delivery Projected, a leased Secret is a directory beside the files of the tokens.
void folderProblems(const Observed& o, Problems& out) {
  const api::TaskGrantSpec& spec = o.grant->spec;
  const api::ToolClass* c = toolClassOf(o);
  if (spec.delivery != api::DeliveryMode::Projected || c == nullptr) return;
  for (size_t i = 0; i < spec.access.secrets.size(); ++i) {
    const std::string& name = spec.access.secrets[i];
    const bool taken =
        name == "token" || name == "ca.crt" || name == "namespace" ||
        std::ranges::any_of(c->access.audiences, [&](const auto& a) { return a.file == name; });
    if (taken)
      out.push_back(
          {Reason::FileNameTaken,
           fmt::format("spec.access.secrets[{}]: Secret \"{}\" would be a folder where the grant has "
                       "a file of that name; rename the Secret, or use delivery mode Slot",
                       i, name)});
  }
}

void roleProblems(const Observed& o, Problems& out) {
  for (const RoleFact& fact : o.roles) {
    const std::optional<bool> exists = fact.known ? std::optional(fact.exists) : std::nullopt;
    std::ranges::move(policy::roleProblems({fact.role, fact.path, exists, fact.mayBind}, o.grant->meta.ns),
                      std::back_inserter(out));
  }
}

// True for an object that is older than countsFrom(). Admission has checked neither the object nor its
// creator's verb `run`.
bool isTooOld(const std::optional<Time>& created, const Observed& o) {
  const auto from = countsFrom(o);
  return created && from && *created < *from;
}

std::string createdBefore(std::string_view kind, std::string_view name, Time created, const Observed& o) {
  const Time from = *countsFrom(o);
  const std::string what =
      from == o.ns.enforcedSince
          ? fmt::format("namespace {} was enforced", o.grant->meta.ns)
          : std::string("the operator had found every policy of the installation in force");
  return fmt::format("{} {} was created at {}, before {} ({}); create it again", kind, name,
                     formatTime(created), what, formatTime(from));
}

// True for kinds that the operator watches. Such a controller may reach the cache after its pod.
bool isWatched(const policy::Owner& owner) {
  return owner.kind != "DaemonSet" && owner.kind != "ReplicationController";
}

// Reports the first owning controller that is too old or of unknown age.
std::optional<std::string> ownerProblem(const std::vector<policy::Owner>& owners, const Observed& o) {
  for (const policy::Owner& owner : owners) {
    if (!owner.created && everStarted(*o.grant) && isWatched(owner)) return std::nullopt;
    if (!owner.created)
      return fmt::format(
          "{} {}, whose age the operator does not know; use a Pod, Job, Deployment or StatefulSet",
          owner.kind, owner.name);
    if (isTooOld(owner.created, o)) return createdBefore(owner.kind, owner.name, *owner.created, o);
  }
  return std::nullopt;
}

void ageProblems(const Observed& o, Problems& out) {
  if (!o.workload) return;
  const auto& w = o.grant->spec.workload;
  if (isTooOld(o.workload->created, o))
    out.push_back({Reason::WorkloadTooOld, "spec.workload: " + createdBefore(api::toString(w.kind), w.name,
                                                                             *o.workload->created, o)});
  else if (const auto problem = ownerProblem(o.workload->owners, o))
    out.push_back({Reason::WorkloadTooOld, fmt::format("spec.workload: {} {} belongs to a controller: {}",
                                                       api::toString(w.kind), w.name, *problem)});
}

// True if the Secret was created for a grant. Labels and owner prove nothing for a Secret that is older than
// the policies on its name.
bool isAGrants(const api::ObjectMeta& meta, const Observed& o) {
  return !isTooOld(meta.creationTimestamp, o) && !meta.label(api::kGrantLabel).empty() &&
         meta.ownedBy(meta.label(api::kGrantUidLabel));
}

void conflictProblems(const Observed& o, Problems& out) {
  for (const auto& binding : o.bindings)
    if (!mayRevoke(*binding, *o.grant))
      out.push_back(
          {Reason::Conflict, fmt::format("RoleBinding {} exists and was not made for this grant; delete it",
                                         binding->meta.name)});
  for (const auto& copy : o.leaseCopies)
    if (!mayRevokeCopy(*copy, *o.grant) || isTooOld(copy->meta.creationTimestamp, o))
      out.push_back(
          {Reason::Conflict,
           fmt::format("Secret {} exists and was not made for this grant; delete it", copy->meta.name)});
  if (o.slotSecret && !isAGrants(o.slotSecret->meta, o))
    out.push_back(
        {Reason::Conflict,
         fmt::format(
             "slot.secretName of tool class {}: Secret {} exists and was not made by the operator, so it "
             "is left alone; delete it or choose another secretName",
             o.grant->spec.toolClass, o.slotSecret->meta.name)});
}

// A pod that mounts the slot for another tool class would receive this grant's credentials. Admission rejects
// a second claim, unless the first one is not in its cache yet.
void claimProblems(const Observed& o, Problems& out) {
  const api::ToolClass* c = toolClassOf(o);
  if (c == nullptr) return;
  for (const SlotClaim& claim : o.slotClaims)
    out.push_back(
        {Reason::SlotShared,
         fmt::format("slot.secretName of tool class {}: {} is the slot of tool class {} of AgentIdentity "
                     "{}, too; give one of them another secretName",
                     c->name, c->slotSecretName, claim.toolClass, claim.agent)});
}

}  // namespace

Problems dangerProblems(const Observed& o) {
  Problems out;
  const api::ToolClass* c = toolClassOf(o);
  if (c == nullptr) return out;
  for (const RoleFact& fact : o.roles)
    if (auto problem = policy::dangerProblem({fact.role, fact.path, fact.exists, fact.mayBind}, fact.dangers,
                                             *c, o.grant->spec.agentIdentity))
      out.push_back(std::move(*problem));
  return out;
}

// Admission rejects such pods in an enforced namespace. Those that exist, or their controllers, are therefore
// older than the enforcement, or were admitted when the slot belonged to another tool class.
Problems mountProblems(const Observed& o) {
  Problems out;
  const api::ToolClass* c = toolClassOf(o);
  if (c == nullptr) return out;
  const std::string own = api::baseAccountName(o.grant->spec.agentIdentity, c->name);
  for (const SlotMount& holder : o.slotMounts) {
    const auto given = [&](std::string_view which) {
      return fmt::format(
          "slot.secretName of tool class {}: Pod {}{} would be given what is put into Secret {}", c->name,
          holder.pod, which, c->slotSecretName);
    };
    if (holder.account != own)
      out.push_back({Reason::SlotMounted,
                     given(fmt::format(", which runs as {},", holder.account)) + "; delete that pod"});
    else if (isTooOld(holder.created, o))
      out.push_back(
          {Reason::SlotMounted, given("") + ": " + createdBefore("Pod", holder.pod, *holder.created, o)});
    else if (const auto problem = ownerProblem(holder.owners, o))
      out.push_back({Reason::SlotMounted, given("") + "; it belongs to a controller: " + *problem});
  }
  return out;
}

Problems leaseProblems(const Observed& o) {
  Problems out;
  const auto& wanted = o.grant->spec.access.secrets;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const auto it =
        std::ranges::find_if(o.leasedSecrets, [&](const auto& s) { return s->meta.name == wanted[i]; });
    const api::ObjectMeta* secret = it == o.leasedSecrets.end() ? nullptr : &(*it)->meta;
    if (auto problem = policy::leaseProblem(i, wanted[i], secret)) out.push_back(std::move(*problem));
  }
  return out;
}

Problems startProblems(const Observed& o, Time now) {
  Problems out;
  if (auto problem = policy::enforcementProblem(o)) out.push_back(std::move(*problem));
  if (auto problem = policy::identityProblem(o, now))
    out.push_back(std::move(*problem));
  else
    std::ranges::move(policy::ceilingProblems(o), std::back_inserter(out));
  std::ranges::move(policy::workloadProblems(o), std::back_inserter(out));
  std::ranges::move(parentProblems(o), std::back_inserter(out));
  folderProblems(o, out);
  if (!o.ns.enforced) return out;  // the namespace is not watched, so its objects are unknown
  roleProblems(o, out);
  std::ranges::move(dangerProblems(o), std::back_inserter(out));
  ageProblems(o, out);
  std::ranges::move(standingProblems(o), std::back_inserter(out));
  std::ranges::move(leaseProblems(o), std::back_inserter(out));
  conflictProblems(o, out);
  claimProblems(o, out);
  std::ranges::move(mountProblems(o), std::back_inserter(out));
  return out;
}

}  // namespace errand::plan
