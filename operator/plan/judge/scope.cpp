#include "operator/plan/judge/scope.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/api/seal.hpp"
#include "core/base/crypto.hpp"
#include "operator/plan/judge/facts.hpp"
#include "operator/plan/plan.hpp"

namespace errand::plan {
namespace {

using Effective = api::TaskGrantStatus::Effective;
using Role = api::TaskGrantStatus::Role;

std::string digestOf(const nlohmann::json& value) {
  return "v1:sha256:" + sha256Hex(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::optional<std::string> roleDrift(const std::vector<Role>& pinned, const std::vector<Role>& now,
                                     std::string_view kind) {
  for (const Role& was : pinned) {
    const auto is = std::ranges::find(now, was.name, &Role::name);
    if (is == now.end()) return fmt::format("{} {} no longer exists", kind, was.name);
    if (is->rulesDigest != was.rulesDigest) return fmt::format("the rules of {} {} changed", kind, was.name);
  }
  return std::nullopt;
}

}  // namespace

std::string grantDigest(const api::TaskGrant& grant) {
  return digestOf({{"kind", "TaskGrant"},
                   {"namespace", grant.meta.ns},
                   {"name", grant.meta.name},
                   {"uid", grant.meta.uid},
                   {"requester", grant.meta.annotation(api::kRequesterAnnotation)},
                   {"spec", api::canonical(grant.spec)}});
}

api::Risk effectiveRisk(const api::TaskGrantSpec& spec, const api::ToolClass* toolClass) {
  return toolClass == nullptr ? spec.task.risk : std::max(spec.task.risk, toolClass->leastRisk());
}

Effective effectiveOf(const Observed& o) {
  Effective out;
  for (const RoleFact& f : o.roles)
    if (f.known && f.exists)
      (f.role.kind == "Role" ? out.roles : out.clusterRoles).push_back({f.role.name, f.rulesDigest});
  for (const auto& source : o.leasedSecrets)
    out.secrets.push_back({source->meta.name, source->meta.uid, source->meta.resourceVersion});
  if (o.workload) out.templateDigest = o.workload->templateDigest;
  out.digest = digestOf(api::encode(out));
  return out;
}

std::optional<Effective> pinnedScope(const Observed& o) {
  if (!o.account || !isOurs(o.account->meta, *o.grant)) return std::nullopt;
  const std::string_view text = o.account->meta.annotation(kScopeAnnotation);
  if (text.empty()) return std::nullopt;
  auto scope = api::decodeEffective(text);
  return scope ? std::optional(std::move(*scope)) : std::nullopt;
}

std::optional<std::string> drift(const Effective& pinned, const Observed& o) {
  const Effective is = effectiveOf(o);
  if (o.roles.size() == wantedRoles(o.grant->spec).size() && std::ranges::all_of(o.roles, &RoleFact::known)) {
    if (auto what = roleDrift(pinned.roles, is.roles, "Role")) return what;
    if (auto what = roleDrift(pinned.clusterRoles, is.clusterRoles, "ClusterRole")) return what;
  }
  for (const auto& was : pinned.secrets) {
    const auto now = std::ranges::find(is.secrets, was.name, &api::TaskGrantStatus::LeasedSecret::name);
    if (now == is.secrets.end() || now->uid != was.uid)
      return fmt::format("Secret {} is not the one that it was", was.name);
  }
  if (o.workload && is.templateDigest != pinned.templateDigest)
    return fmt::format("the pod template of {} {} changed", api::toString(o.grant->spec.workload.kind),
                       o.grant->spec.workload.name);
  return std::nullopt;
}

std::string scopeText(const Effective& effective) { return api::encode(effective).dump(); }

}  // namespace errand::plan
