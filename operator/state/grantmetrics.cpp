#include "operator/state/grantmetrics.hpp"

#include "core/base/metrics.hpp"
#include "core/policy/conditions.hpp"
#include "core/policy/reason.hpp"

namespace errand::state {
namespace {

// Returns the reason of a stalled grant, and "" of any other. Only reasons of this version count, because a
// label must not hold text that a user may write.
std::string stalledReason(const api::TaskGrant& grant) {
  const api::Condition* stalled = api::findCondition(grant.status.conditions, policy::kStalled);
  if (stalled == nullptr || stalled->status != api::ConditionStatus::True) return {};
  const auto reason = policy::reasonOf(*stalled);
  return reason ? std::string(policy::toString(*reason)) : "OfAnotherVersion";
}

void add(const api::TaskGrant& grant, double by) {
  const api::Phase phase = grant.status.phase.value_or(api::Phase::Pending);
  metrics::gauge("errand_grants", "TaskGrants that exist, by phase and by the reason why they are stalled.",
                 {{"phase", std::string(api::toString(phase))}, {"reason", stalledReason(grant)}})
      .add(by);
}

}  // namespace

void countGrants(kube::Store<api::TaskGrant>& grants) {
  grants.onChange([](const auto& old, const auto& next) {
    if (old) add(*old, -1);
    if (next) add(*next, 1);
  });
}

}  // namespace errand::state
