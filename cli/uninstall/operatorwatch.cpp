#include "cli/uninstall/operatorwatch.hpp"

#include <algorithm>

namespace errand::cli {

// Returns whether a process leads; nullopt if that is not known yet.
std::optional<bool> OperatorWatch::leads(const std::optional<api::Lease>& lease, Time now,
                                         Instant monotonic) {
  if (!lease || lease->holder.empty() || !lease->renewTime) {
    observed_ = false;
    return false;
  }
  if (!observed_ || holder_ != lease->holder || renewTime_ != lease->renewTime) {
    renewed_ = renewed_ || observed_;
    observed_ = true;
    holder_ = lease->holder;
    renewTime_ = lease->renewTime;
    changedAt_ = monotonic;
  }
  const Seconds longest = std::max(kUnchanged, Seconds{lease->durationSeconds + 5});
  if (monotonic - changedAt_ >= longest) return false;
  if (renewed_ || now - *lease->renewTime < kFresh) return true;
  return std::nullopt;
}

OperatorState OperatorWatch::observe(const OperatorFacts& facts, Time now, Instant monotonic) {
  const std::optional<bool> leading = leads(facts.lease, now, monotonic);
  const bool wanted = facts.deployment && facts.deployment->wanted > 0;
  if (!leading) return OperatorState::Unknown;
  if (*leading) return wanted || !facts.deployment ? OperatorState::Running : OperatorState::Stopping;
  if (!facts.deployment) return OperatorState::Stopped;
  if (!wanted) return facts.deployment->current > 0 ? OperatorState::Stopping : OperatorState::Stopped;
  // An operator without leader election has no Lease.
  return !facts.lease && facts.deployment->ready > 0 ? OperatorState::Running : OperatorState::Silent;
}

}  // namespace errand::cli
