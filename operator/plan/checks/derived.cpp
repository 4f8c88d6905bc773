#include "operator/plan/checks/derived.hpp"

#include <algorithm>

#include "operator/plan/plan.hpp"

namespace errand::plan {

bool isOurs(const api::ObjectMeta& meta, const api::TaskGrant& grant) {
  return meta.ownedBy(grant.meta.uid) && meta.label(api::kGrantLabel) == grant.meta.name;
}

bool mayWithdraw(const api::ObjectMeta& meta, const api::TaskGrant& grant) {
  if (grant.meta.uid.empty()) return false;
  // A slot without labels still carries its owner and the list of its credentials.
  const bool isSlot = meta.ownedBy(grant.meta.uid) && !meta.annotation(api::kCredentialsAnnotation).empty();
  return isOurs(meta, grant) || isSlot || meta.label(api::kGrantUidLabel) == grant.meta.uid;
}

bool mayWithdraw(const api::RoleBinding& binding, const api::TaskGrant& grant) {
  // A binding whose only subject is the grant's account can serve nobody else.
  const api::Subject account{"ServiceAccount", api::grantAccountName(grant.meta.uid), grant.meta.ns};
  return mayWithdraw(binding.meta, grant) || (binding.subjects.size() == 1 && binding.subjects[0] == account);
}

bool isLeaseCopy(const api::PartialObject& secret, std::string_view account) {
  return !account.empty() && secret.meta.name.starts_with(std::string(account) + ".") &&
         !secret.meta.annotation(kLeasedAnnotation).empty();
}

bool mayWithdrawCopy(const api::PartialObject& secret, const api::TaskGrant& grant) {
  return mayWithdraw(secret.meta, grant) || isLeaseCopy(secret, api::grantAccountName(grant.meta.uid));
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
