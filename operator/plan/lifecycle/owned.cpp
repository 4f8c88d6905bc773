#include "operator/plan/lifecycle/owned.hpp"

#include <algorithm>
#include <set>

#include "operator/plan/checks/derived.hpp"
#include "operator/plan/leases.hpp"
#include "operator/plan/names.hpp"

namespace errand::plan {

api::ObjectMeta ownedMeta(const api::TaskGrant& grant, std::string name) {
  api::ObjectMeta meta;
  meta.name = std::move(name);
  meta.ns = grant.meta.ns;
  meta.labels = {{std::string(api::kGrantLabel), grant.meta.name},
                 {std::string(api::kGrantUidLabel), grant.meta.uid},
                 {std::string(api::kIdentityLabel), grant.spec.agentIdentity},
                 {std::string(api::kToolClassLabel), grant.spec.toolClass}};
  meta.owners = {{std::string(api::kGroupVersion), "TaskGrant", grant.meta.name, grant.meta.uid, true}};
  return meta;
}

void addBindings(Plan& p, const Observed& o) {
  const api::TaskGrant& grant = *o.grant;
  std::set<std::string> wanted;
  for (const auto& [role, path] : wantedRoles(grant.spec)) {
    const std::string name = bindingName(grant.meta.uid, role);
    wanted.insert(name);
    api::RoleBinding binding;
    binding.meta = ownedMeta(grant, name);
    binding.role = role;
    binding.subjects = {{"ServiceAccount", api::grantAccountName(grant.meta.uid), grant.meta.ns}};
    const auto there = std::ranges::find_if(o.bindings, [&](const auto& b) { return b->meta.name == name; });
    if (there != o.bindings.end()) {
      const bool asMade = (*there)->role == role && (*there)->subjects == binding.subjects;
      if (asMade || !mayRevoke(**there, grant)) continue;
      // Another user has changed what the binding grants. A roleRef is immutable, so the binding is deleted
      // and created again.
      p.revokeRights.push_back(Delete{api::kRoleBindings, name, (*there)->meta.uid});
    }
    p.grant.push_back(CreateBinding{std::move(binding), path});
  }
  for (const auto& binding : o.bindings)
    if (!wanted.contains(binding->meta.name) && mayRevoke(*binding, grant))
      p.revokeRights.push_back(Delete{api::kRoleBindings, binding->meta.name, binding->meta.uid});
}

void addLeases(Plan& p, const Observed& o) {
  const api::TaskGrant& grant = *o.grant;
  if (grant.spec.delivery != api::DeliveryMode::Projected) return;
  for (const auto& source : o.leasedSecrets) {
    const std::string name = api::leaseCopyName(grant.meta.uid, source->meta.name);
    const std::string version = leasedVersion(*source);
    const bool there = std::ranges::any_of(o.leaseCopies, [&](const auto& c) {
      return c->meta.name == name && !c->meta.deletionTimestamp &&
             c->meta.annotation(kLeasedAnnotation) == version;
    });
    if (!there) p.grant.push_back(CopyLease{source->meta.name, ownedMeta(grant, name), version});
  }
}

FillSlot fillSlot(const Observed& o, Seconds life, Time end) {
  const api::TaskGrant& grant = *o.grant;
  const api::ToolClass& c = *toolClassOf(o);
  FillSlot fill;
  fill.secretName = c.slotSecretName;
  fill.account = api::grantAccountName(grant.meta.uid);
  fill.meta = ownedMeta(grant, c.slotSecretName);
  fill.apiToken = grant.spec.access.grantsRoles();
  for (const std::string& name : grant.spec.access.audiences)
    if (const api::Audience* a = c.access.audience(name)) fill.audiences.push_back(*a);
  fill.leases = grant.spec.access.secrets;
  fill.leasedVersions = leasedVersions(o);
  fill.life = life;
  fill.end = end;
  return fill;
}

}  // namespace errand::plan
