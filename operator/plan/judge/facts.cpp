#include "operator/plan/judge/facts.hpp"

#include <algorithm>
#include <charconv>

#include "operator/plan/plan.hpp"

namespace errand::plan {

bool isOurs(const api::ObjectMeta& meta, const api::TaskGrant& grant) {
  return meta.ownedBy(grant.meta.uid) && meta.label(api::kGrantLabel) == grant.meta.name;
}

bool mayWithdraw(const api::ObjectMeta& meta, const api::TaskGrant& grant) {
  if (grant.meta.uid.empty()) return false;
  // A slot whose labels were taken off still says whose it is and what it holds.
  const bool isSlot = meta.ownedBy(grant.meta.uid) && !meta.annotation(api::kCredentialsAnnotation).empty();
  return isOurs(meta, grant) || isSlot || meta.label(api::kGrantUidLabel) == grant.meta.uid;
}

bool mayWithdraw(const api::RoleBinding& binding, const api::TaskGrant& grant) {
  // A binding to nobody but the grant's account can serve nobody else.
  const api::Subject account{"ServiceAccount", api::grantAccountName(grant.meta.uid), grant.meta.ns};
  return mayWithdraw(binding.meta, grant) || (binding.subjects.size() == 1 && binding.subjects[0] == account);
}

bool isLeaseCopy(const api::Object& secret, std::string_view account) {
  return !account.empty() && secret.meta.name.starts_with(std::string(account) + ".") &&
         !secret.meta.annotation(kLeasedAnnotation).empty();
}

bool mayWithdrawCopy(const api::Object& secret, const api::TaskGrant& grant) {
  return mayWithdraw(secret.meta, grant) || isLeaseCopy(secret, api::grantAccountName(grant.meta.uid));
}

namespace {

std::optional<Start> startOf(const api::TaskGrant& grant, const api::ServiceAccount* account, Time now) {
  if (account == nullptr || !isOurs(account->meta, grant)) return std::nullopt;
  const std::string_view text = account->meta.label(api::kStartedAtLabel);
  std::int64_t seconds = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  constexpr std::int64_t year9999 = 253402300799;
  Start start{Time{Seconds{std::clamp<std::int64_t>(seconds, 0, year9999)}},
              std::string(account->meta.label(api::kWorkloadUidLabel))};
  start.at = std::min(start.at, now);
  if (grant.status.startedAt) start.at = std::min(start.at, *grant.status.startedAt);
  return start;
}

}  // namespace

std::optional<Start> startOf(const Observed& o, Time now) { return startOf(*o.grant, o.account.get(), now); }

bool everStarted(const Observed& o) {
  // A filled slot: the process that filled it may have died before the status said so, and the account
  // may be gone since.
  if (o.grant->status.startedAt || !slotCredentials(o).empty()) return true;
  return o.account && mayWithdraw(o.account->meta, *o.grant) &&
         !o.account->meta.label(api::kStartedAtLabel).empty();
}

bool wasAccepted(const Observed& o) {
  return everStarted(o) || (o.account && isOurs(o.account->meta, *o.grant));
}

bool isAnotherIdentity(const Observed& o) {
  if (!o.identity || !o.account || !isOurs(o.account->meta, *o.grant)) return false;
  const std::string_view accepted = o.account->meta.label(api::kIdentityUidLabel);
  return !accepted.empty() && accepted != o.identity->meta.uid;
}

bool isAnotherParent(const Observed& o) {
  if (o.ancestors.empty() || !o.account || !isOurs(o.account->meta, *o.grant)) return false;
  const std::string_view accepted = o.account->meta.label(kParentUidLabel);
  return !accepted.empty() && accepted != o.ancestors.front().grant->meta.uid;
}

const api::ToolClass* toolClassOf(const Observed& o) {
  return o.identity ? o.identity->toolClass(o.grant->spec.toolClass) : nullptr;
}

std::int32_t approvalsNeeded(const Observed& o) {
  const auto& parent = o.grant->spec.parent;
  const bool stepUp = parent && parent->relation == api::ParentRelation::StepUp;
  return std::max(toolClassOf(o)->approvalsRequired, stepUp ? 1 : 0);
}

std::optional<Time> ancestorsEnd(const Observed& o, Time now) {
  Time end = Time::max();
  for (const Ancestor& a : o.ancestors) {
    const auto start = startOf(*a.grant, a.account.get(), now);
    if (!start) return std::nullopt;
    end = std::min(end, start->at + a.grant->spec.window.duration);
  }
  return end;
}

Time windowEnd(const Observed& o, const Start& start) {
  const Time own = start.at + o.grant->spec.window.duration;
  if (!o.grant->spec.parent) return own;
  return std::min(own, ancestorsEnd(o, start.at).value_or(own));
}

std::vector<api::Credential> slotCredentials(const Observed& o) {
  if (!o.slotSecret || !isOurs(o.slotSecret->meta, *o.grant)) return {};
  const std::string_view text = o.slotSecret->meta.annotation(api::kCredentialsAnnotation);
  if (text.empty()) return {};
  return api::decodeCredentials(text).value_or(std::vector<api::Credential>{});
}

}  // namespace errand::plan
