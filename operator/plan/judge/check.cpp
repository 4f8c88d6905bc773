#include "operator/plan/judge/check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "operator/plan/judge/facts.hpp"
#include "operator/plan/judge/parent.hpp"

namespace errand::plan {
namespace {

using Problems = std::vector<Problem>;

void beyond(Problems& out, const std::vector<std::string>& wanted, const std::vector<std::string>& ceiling,
            std::string_view field, std::string_view agent, std::string_view toolClass) {
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (std::ranges::find(ceiling, wanted[i]) != ceiling.end()) continue;
    out.push_back(
        {"BeyondCeiling",
         fmt::format(
             "spec.access.{0}[{1}]: \"{2}\" is not in access.{0} of tool class {3} of AgentIdentity {4} "
             "(allowed: {5})",
             field, i, wanted[i], toolClass, agent,
             ceiling.empty() ? "nothing" : fmt::format("{}", fmt::join(ceiling, ", ")))});
  }
}

std::string classNames(const api::AgentIdentity& identity) {
  std::string out;
  for (const auto& c : identity.toolClasses) out.append(out.empty() ? "" : ", ").append(c.name);
  return out;
}

void namespaceProblems(const Observed& o, Problems& out) {
  if (!o.ns.enforced)
    out.push_back(
        {"NamespaceNotEnforced",
         fmt::format("namespace {} is not labelled errand.dev/enforce=true; grants start only where pods are "
                     "held to the rules",
                     o.grant->meta.ns)});
}

// Projected, a leased Secret is a folder beside the files of the tokens.
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
          {"FileNameTaken",
           fmt::format("spec.access.secrets[{}]: Secret \"{}\" would be a folder where the grant has "
                       "a file of that name; rename the Secret, or use delivery mode Slot",
                       i, name)});
  }
}

void existenceProblems(const Observed& o, Problems& out) {
  for (const RoleFact& fact : o.roles)
    if (fact.known && !fact.exists)
      out.push_back({"RoleNotFound",
                     fmt::format("{}: there is no {} \"{}\"{}", fact.path, fact.role.kind, fact.role.name,
                                 fact.role.kind == "Role" ? " in namespace " + o.grant->meta.ns : "")});
}

// Where the grant's credentials are, whether or not the status has come to say so.
std::string heldSlot(const Observed& o) {
  if (!o.grant->status.secretName.empty()) return o.grant->status.secretName;
  return o.slotSecret && isOurs(o.slotSecret->meta, *o.grant) ? o.slotSecret->meta.name : "";
}

// A label alone says nothing: it may have been there before the namespace was enrolled.
bool isAGrants(const api::ObjectMeta& meta) {
  return !meta.label(api::kGrantLabel).empty() && meta.ownedBy(meta.label(api::kGrantUidLabel));
}

// Whoever mounts the slot as another class's would be given what the grant gives. Admission refuses a second
// claim, unless it has not heard of the first yet.
void slotProblems(const Observed& o, Problems& out) {
  const api::ToolClass* c = toolClassOf(o);
  if (c == nullptr) return;
  for (const SlotClaim& claim : o.slotClaims)
    out.push_back(
        {"SlotShared",
         fmt::format("slot.secretName of tool class {}: {} is the slot of tool class {} of AgentIdentity "
                     "{}, too; give one of them another secretName",
                     c->name, c->slotSecretName, claim.toolClass, claim.agent)});
  // Admission lets no such pod in where it is enforced: it is from before, or from when the slot was
  // another's.
  for (const SlotHolder& holder : o.slotHolders)
    out.push_back(
        {"SlotMounted",
         fmt::format("slot.secretName of tool class {}: Pod {}, which runs as {}, would be given what is put "
                     "into Secret {}; delete that pod",
                     c->name, holder.pod, holder.account, c->slotSecretName)});
}

void conflictProblems(const Observed& o, Problems& out) {
  if (o.account && !isOurs(o.account->meta, *o.grant))
    out.push_back(
        {"Conflict", fmt::format("ServiceAccount {} exists and was not made for this grant; delete it",
                                 o.account->meta.name)});
  for (const auto& binding : o.bindings)
    if (!isOurs(binding->meta, *o.grant))
      out.push_back(
          {"Conflict", fmt::format("RoleBinding {} exists and was not made for this grant; delete it",
                                   binding->meta.name)});
  for (const auto& copy : o.leaseCopies)
    if (!mayWithdrawCopy(*copy, *o.grant))
      out.push_back({"Conflict", fmt::format("Secret {} exists and was not made for this grant; delete it",
                                             copy->meta.name)});
  if (o.slotSecret && !isAGrants(o.slotSecret->meta))
    out.push_back(
        {"Conflict",
         fmt::format(
             "slot.secretName of tool class {}: Secret {} exists and was not made by the operator, so it "
             "is left alone; delete it or choose another secretName",
             o.grant->spec.toolClass, o.slotSecret->meta.name)});
}

}  // namespace

std::optional<Problem> identityProblem(const Observed& o, Time now) {
  const api::TaskGrantSpec& spec = o.grant->spec;
  if (!o.identity)
    return Problem{wasAccepted(o) ? "IdentityDeleted" : "IdentityNotFound",
                   fmt::format("spec.agentIdentityRef.name: there is no AgentIdentity \"{}\" in namespace {}",
                               spec.agentIdentity, o.grant->meta.ns)};
  if (o.identity->meta.deletionTimestamp || isAnotherIdentity(o))
    return Problem{
        "IdentityDeleted",
        fmt::format("spec.agentIdentityRef.name: AgentIdentity {} was deleted; create another grant "
                    "under the one that takes its place",
                    spec.agentIdentity)};
  if (o.identity->suspended)
    return Problem{
        "IdentitySuspended",
        fmt::format("spec.agentIdentityRef.name: AgentIdentity {} is Suspended; create another grant "
                    "once its spec.state is Enabled",
                    spec.agentIdentity)};
  if (o.identity->expiresAt && *o.identity->expiresAt <= now)
    return Problem{
        "IdentityExpired",
        fmt::format("spec.agentIdentityRef.name: AgentIdentity {} expired at {}; create another grant "
                    "once its spec.expiresAt is later",
                    spec.agentIdentity, formatTime(*o.identity->expiresAt))};
  if (toolClassOf(o) == nullptr)
    return Problem{"ToolClassNotFound",
                   fmt::format("spec.toolClass: AgentIdentity {} has no tool class \"{}\" (it has: {})",
                               spec.agentIdentity, spec.toolClass, classNames(*o.identity))};
  return std::nullopt;
}

Problems ceilingProblems(const Observed& o) {
  Problems out;
  const api::TaskGrantSpec& spec = o.grant->spec;
  const api::ToolClass& c = *toolClassOf(o);
  beyond(out, spec.access.roles, c.access.roles, "roles", spec.agentIdentity, c.name);
  beyond(out, spec.access.clusterRoles, c.access.clusterRoles, "clusterRoles", spec.agentIdentity, c.name);
  beyond(out, spec.access.secrets, c.access.secrets, "secrets", spec.agentIdentity, c.name);
  std::vector<std::string> audiences;
  for (const auto& a : c.access.audiences) audiences.push_back(a.name);
  beyond(out, spec.access.audiences, audiences, "audiences", spec.agentIdentity, c.name);
  if (std::max(spec.task.risk, c.leastRisk()) > c.risk)
    out.push_back(
        {"BeyondCeiling", fmt::format("spec.task.risk: {} is above what tool class {} may take ({})",
                                      api::toString(spec.task.risk), c.name, api::toString(c.risk))});
  if (spec.window.duration > c.maxDuration)
    out.push_back({"BeyondCeiling",
                   fmt::format("spec.window.duration: {} is longer than maxDuration of tool class {} ({})",
                               formatDuration(spec.window.duration), c.name, formatDuration(c.maxDuration))});
  if (o.workload && !o.identity->podSelector.matches(o.workload->podLabels))
    out.push_back(
        {"BeyondCeiling",
         fmt::format(
             "spec.workload: spec.podSelector of AgentIdentity {} does not match the labels of {} {}'s "
             "pods; label its pod template so that it does",
             spec.agentIdentity, api::toString(spec.workload.kind), spec.workload.name)});
  if (spec.delivery == api::DeliveryMode::Slot && c.slotSecretName.empty())
    out.push_back({"BeyondCeiling",
                   fmt::format("spec.delivery.mode: tool class {} of AgentIdentity {} has no slot; use "
                               "Projected, or give the tool class a slot",
                               c.name, spec.agentIdentity)});
  if (const std::string held = heldSlot(o);
      spec.delivery == api::DeliveryMode::Slot && everStarted(o) && !held.empty() && held != c.slotSecretName)
    out.push_back(
        {"BeyondCeiling",
         fmt::format("spec.delivery.mode: the slot of tool class {} is no longer {}", c.name, held)});
  return out;
}

Problems leaseProblems(const Observed& o) {
  Problems out;
  const auto& wanted = o.grant->spec.access.secrets;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const auto it =
        std::ranges::find_if(o.leasedSecrets, [&](const auto& s) { return s->meta.name == wanted[i]; });
    if (it == o.leasedSecrets.end())
      out.push_back({"SecretNotFound",
                     fmt::format("spec.access.secrets[{}]: there is no Secret \"{}\"", i, wanted[i])});
    else if ((*it)->meta.label(api::kLeasableLabel) != "true" || wanted[i].starts_with("errand-"))
      out.push_back({"SecretNotLeasable",
                     fmt::format("spec.access.secrets[{}]: Secret \"{}\" may not be leased; its owner "
                                 "allows that by the label {}=true",
                                 i, wanted[i], api::kLeasableLabel)});
  }
  return out;
}

Problems startProblems(const Observed& o, Time now) {
  Problems out;
  namespaceProblems(o, out);
  if (auto problem = identityProblem(o, now))
    out.push_back(std::move(*problem));
  else
    std::ranges::move(ceilingProblems(o), std::back_inserter(out));
  std::ranges::move(parentProblems(o), std::back_inserter(out));
  folderProblems(o, out);
  if (!o.ns.enforced) return out;  // nothing of such a namespace is watched, so nothing is known of it
  existenceProblems(o, out);
  std::ranges::move(leaseProblems(o), std::back_inserter(out));
  conflictProblems(o, out);
  slotProblems(o, out);
  return out;
}

}  // namespace errand::plan
