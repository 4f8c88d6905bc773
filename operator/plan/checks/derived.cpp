#include "operator/plan/checks/derived.hpp"

#include <algorithm>

#include "operator/plan/leases.hpp"

namespace errand::plan {

bool isOurs(const api::ObjectMeta& meta, const api::TaskGrant& grant) {
  return meta.ownedBy(grant.meta.uid) && meta.label(api::kGrantLabel) == grant.meta.name;
}

bool mayRevoke(const api::ObjectMeta& meta, const api::TaskGrant& grant) {
  if (grant.meta.uid.empty()) return false;
  // A slot without labels still has its owner and the list of its credentials.
  const bool isSlot = meta.ownedBy(grant.meta.uid) && !meta.annotation(api::kCredentialsAnnotation).empty();
  return isOurs(meta, grant) || isSlot || meta.label(api::kGrantUidLabel) == grant.meta.uid;
}

bool mayRevoke(const api::RoleBinding& binding, const api::TaskGrant& grant) {
  return mayRevoke(binding.meta, grant) || bindsOnly(binding, api::grantAccountName(grant.meta.uid));
}

bool bindsOnly(const api::RoleBinding& binding, std::string_view account) {
  if (binding.subjects.size() != 1) return false;
  const api::Subject& subject = binding.subjects[0];
  return subject.kind == "ServiceAccount" && subject.name == account && subject.ns == binding.meta.ns;
}

bool rolesKnown(const Observed& o) {
  const auto& access = o.grant->spec.access;
  return o.roles.size() == access.roles.size() + access.clusterRoles.size() &&
         std::ranges::all_of(o.roles, &RoleFact::known);
}

bool isLeaseCopy(const api::PartialObject& secret, std::string_view account) {
  return !account.empty() && secret.meta.name.starts_with(std::string(account) + ".") &&
         !secret.meta.annotation(kLeasedAnnotation).empty();
}

bool mayRevokeCopy(const api::PartialObject& secret, const api::TaskGrant& grant) {
  return mayRevoke(secret.meta, grant) || isLeaseCopy(secret, api::grantAccountName(grant.meta.uid));
}

bool hasItsAccount(const Observed& o) {
  if (!o.account) return false;
  const std::string& uid = o.grant->status.serviceAccount.uid;
  return uid.empty() ? everStarted(*o.grant) && isOurs(o.account->meta, *o.grant)
                     : uid == o.account->meta.uid;
}

std::optional<Time> countsFrom(const Observed& o) {
  if (!o.ns.enforcedSince || !o.guards.since) return o.ns.enforcedSince;
  return std::max(*o.ns.enforcedSince, *o.guards.since);
}

std::int32_t approvalsNeeded(const Observed& o) {
  const auto& parent = o.grant->spec.parent;
  const bool stepUp = parent && parent->relation == api::ParentRelation::StepUp;
  return std::max(toolClassOf(o)->approvalsRequired, stepUp ? 1 : 0);
}

std::vector<api::Credential> slotCredentials(const Observed& o) {
  if (!o.slotSecret || !isOurs(o.slotSecret->meta, *o.grant)) return {};
  const std::string_view text = o.slotSecret->meta.annotation(api::kCredentialsAnnotation);
  if (text.empty()) return {};
  return api::decodeCredentials(text).value_or(std::vector<api::Credential>{});
}

}  // namespace errand::plan
