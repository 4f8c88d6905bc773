#include "operator/plan/checks/scope.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/api/provenance.hpp"
#include "core/base/crypto.hpp"
#include "operator/plan/checks/derived.hpp"

namespace errand::plan {
namespace {

using Effective = api::TaskGrantStatus::Effective;
using Role = api::TaskGrantStatus::Role;

std::string textOf(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string digestOf(const nlohmann::json& value) { return "v1:sha256:" + sha256Hex(textOf(value)); }

// Returns the same text for specs of equal meaning. Omits fields that equal their default, because a
// spec that states a default means the same as one that does not. Omits `revoke`, because it is set
// after the creation.
std::string canonical(const api::TaskGrantSpec& spec) {
  const api::TaskGrantSpec defaults;
  nlohmann::json out = api::encode(spec);
  out.erase("revoke");
  if (spec.delivery == defaults.delivery) out.erase("delivery");
  if (spec.ttlSecondsAfterFinished == defaults.ttlSecondsAfterFinished) out.erase("ttlSecondsAfterFinished");
  return textOf(out);
}

// Empty if admission has not recorded the requester: such a grant never starts.
std::string canonicalRequester(const api::TaskGrant& grant) {
  const auto requester = api::recordedRequester(grant.meta);
  return requester ? textOf(api::encode(*requester)) : std::string();
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

// Returns the current scope, without its digest.
Effective scopeNow(const Observed& o) {
  Effective out;
  const api::ToolClass* c = toolClassOf(o);
  for (const RoleFact& f : o.roles) {
    if (!f.known || !f.exists) continue;
    const api::AllowedRole* allowed = c == nullptr ? nullptr : c->access.role(f.role.kind, f.role.name);
    const bool accepted = !f.dangers.empty() && allowed != nullptr && allowed->dangerAccepted;
    (f.role.kind == "Role" ? out.roles : out.clusterRoles).push_back({f.role.name, f.rulesDigest, accepted});
  }
  for (const auto& source : o.leasedSecrets)
    out.secrets.push_back({source->meta.name, source->meta.uid, source->meta.resourceVersion});
  if (o.workload) out.templateDigest = o.workload->templateDigest;
  return out;
}

}  // namespace

std::string grantDigest(const api::TaskGrant& grant) {
  return digestOf({{"kind", "TaskGrant"},
                   {"namespace", grant.meta.ns},
                   {"name", grant.meta.name},
                   {"uid", grant.meta.uid},
                   {"requester", canonicalRequester(grant)},
                   {"spec", canonical(grant.spec)}});
}

Effective effectiveOf(const Observed& o) {
  Effective out = scopeNow(o);
  out.digest = digestOf(api::encode(out));
  return out;
}

Effective rotated(Effective pinned, const Observed& o) {
  const Effective before = pinned;
  for (auto& secret : pinned.secrets)
    for (const auto& source : o.leasedSecrets)
      if (source->meta.name == secret.name && source->meta.uid == secret.uid)
        secret.resourceVersion = source->meta.resourceVersion;
  if (pinned == before) return before;
  pinned.digest.clear();
  pinned.digest = digestOf(api::encode(pinned));
  return pinned;
}

std::optional<Effective> pinnedScope(const api::TaskGrant& grant) {
  if (grant.status.effective.digest.empty()) return std::nullopt;
  return grant.status.effective;
}

std::optional<std::string> drift(const Effective& pinned, const Observed& o) {
  const Effective is = scopeNow(o);
  if (rolesKnown(o)) {
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

}  // namespace errand::plan
