#include "core/policy/starting.hpp"

#include <fmt/format.h>

#include "core/api/codec.hpp"

namespace errand::policy {

std::optional<Problem> enforcementProblem(const GrantState& s) {
  if (s.ns.enforced) return std::nullopt;
  return Problem{
      Reason::NamespaceNotEnforced,
      fmt::format("namespace {} is not labelled errand.dev/enforce=true; grants start only where pods are "
                  "held to the rules",
                  s.grant->meta.ns)};
}

std::vector<Problem> workloadProblems(const GrantState& s) {
  std::vector<Problem> out;
  const api::ToolClass* c = toolClassOf(s);
  if (!s.workload || c == nullptr) return out;
  if (auto problem = podSelectorProblem(s)) out.push_back(std::move(*problem));
  const api::TaskGrantSpec& spec = s.grant->spec;
  const std::string_view kind = api::toString(spec.workload.kind);
  if (spec.delivery == api::DeliveryMode::Projected && !s.workload->podLabels.contains(api::kGrantLabel))
    out.push_back(
        {Reason::WorkloadNotLabelled,
         fmt::format("spec.workload: the pods of {} {} get no credentials, because they do not have "
                     "the label {}: {}; create it again with that label on its {}",
                     kind, spec.workload.name, api::kGrantLabel, s.grant->meta.name,
                     spec.workload.kind == api::WorkloadKind::Pod ? "metadata" : "pod template")});
  if (spec.delivery == api::DeliveryMode::Slot && !c->slotSecretName.empty() && s.workload->slots.empty())
    out.push_back(
        {Reason::SlotNotMounted,
         fmt::format("spec.workload: the pods of {} {} do not mount the Secret {}, the slot of tool "
                     "class {}; add it as a volume",
                     kind, spec.workload.name, c->slotSecretName, c->name)});
  return out;
}

// RBAC lets the operator bind any role whose rights it holds. The verb bind is therefore checked for each
// role by name.
std::vector<Problem> roleProblems(const RoleState& state, std::string_view ns) {
  std::vector<Problem> out;
  const auto& [role, path, exists, mayBind] = state;
  if (exists == false)
    out.push_back(
        {Reason::RoleNotFound, fmt::format("{}: there is no {} \"{}\"{}", path, role.kind, role.name,
                                           role.kind == "Role" ? fmt::format(" in namespace {}", ns) : "")});
  if (role.name.starts_with("errand-operator"))
    out.push_back({Reason::MayNotBind,
                   fmt::format("{}: {} \"{}\" is a role of the operator and is never bound; name another one",
                               path, role.kind, role.name)});
  else if (exists == true && mayBind == false)
    out.push_back({Reason::MayNotBind, policy::mayNotBind(path, role.kind, role.name, ns)});
  return out;
}

std::optional<Problem> dangerProblem(const RoleState& state, std::span<const Danger> dangers,
                                     const api::ToolClass& toolClass, std::string_view agent) {
  const api::RoleRef& role = state.role;
  const api::AllowedRole* allowed = toolClass.access.role(role.kind, role.name);
  if (dangers.empty() || allowed == nullptr || allowed->dangerAccepted) return std::nullopt;
  const size_t more = dangers.size() - 1;
  return Problem{
      Reason::DangerousRole,
      fmt::format("{}: {} {} {} (rules[{}]{}); take that out of the role, or let tool class {} of "
                  "AgentIdentity {} accept it by {{name: {}, dangerous: Accepted}} (rule SC302)",
                  state.path, role.kind, role.name, describe(dangers.front()), dangers.front().rule,
                  more == 0 ? "" : fmt::format(", and {} more", more), toolClass.name, agent, role.name)};
}

std::optional<Problem> leaseProblem(size_t index, std::string_view name, const api::ObjectMeta* secret) {
  if (secret == nullptr)
    return Problem{Reason::SecretNotFound,
                   fmt::format("spec.access.secrets[{}]: there is no Secret \"{}\"", index, name)};
  if (secret->label(api::kLeasableLabel) != "true" || name.starts_with("errand-"))
    return Problem{Reason::SecretNotLeasable,
                   fmt::format("spec.access.secrets[{}]: Secret \"{}\" may not be leased; its owner "
                               "allows that by the label {}=true",
                               index, name, api::kLeasableLabel)};
  return std::nullopt;
}

}  // namespace errand::policy
