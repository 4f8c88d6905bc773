#include "core/kube/lead/leasemachine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace errand::kube {
namespace {

// A longer duration counts as this one: a Lease that a person wrote must not block the operator forever.
constexpr Seconds kLongestDuration{60};

}  // namespace

Result<void> check(const LeaseSpec& spec) {
  if (spec.retry < Seconds{1}) return fail(ErrorKind::Invalid, "the retry period must be 1s or more");
  if (spec.renewDeadline <= spec.retry)
    return fail(ErrorKind::Invalid,
                fmt::format("the renew deadline {} must be longer than the retry period {}",
                            formatDuration(spec.renewDeadline), formatDuration(spec.retry)));
  if (spec.duration <= spec.renewDeadline)
    return fail(ErrorKind::Invalid,
                fmt::format("the lease duration {} must be longer than the renew deadline {}",
                            formatDuration(spec.duration), formatDuration(spec.renewDeadline)));
  if (spec.duration > kLongestDuration)
    return fail(ErrorKind::Invalid,
                fmt::format("the lease duration {} must be {} or less", formatDuration(spec.duration),
                            formatDuration(kLongestDuration)));
  return {};
}

LeaseMachine::Next LeaseMachine::next(Instant now, Time wall, Random& random) {
  if (std::exchange(pause_, false)) {
    // Adds up to a fifth, so that candidates do not all retry at the same time.
    const Millis retry = spec_.retry;
    return {Step::Wait,
            {},
            retry + Millis{static_cast<std::int64_t>(random.next() % 1000) * retry.count() / 5000}};
  }
  if (!known_) return {Step::Read};
  api::Lease lease;
  if (stored_) lease = *stored_;
  if (stored_ && !ours() && !stored_->holder.empty()) {
    const Seconds life = std::clamp(Seconds{stored_->durationSeconds}, spec_.duration, kLongestDuration);
    if (seenAt_ + life > now) {
      known_ = false;
      const Millis left = std::chrono::ceil<Millis>(seenAt_ + life - now);
      return {Step::Wait, {}, std::min<Millis>(spec_.retry, left)};
    }
  }
  if (!ours()) {
    lease.acquireTime = wall;
    lease.transitions = stored_ ? stored_->transitions + 1 : 0;
  }
  lease.meta.ns = spec_.ns;
  lease.meta.name = spec_.name;
  lease.holder = spec_.identity;
  lease.durationSeconds = static_cast<std::int32_t>(spec_.duration.count());
  lease.renewTime = wall;
  return {stored_ ? Step::Update : Step::Create, std::move(lease)};
}

void LeaseMachine::read(std::optional<api::Lease> stored, Instant receivedAt) {
  const bool same = stored && stored_ && stored->meta.uid == stored_->meta.uid &&
                    stored->meta.resourceVersion == stored_->meta.resourceVersion;
  if (!same) seenAt_ = receivedAt;
  stored_ = std::move(stored);
  known_ = true;
  if (!ours()) leadsUntil_ = Instant::min();
}

void LeaseMachine::wrote(api::Lease stored, Instant sentAt) {
  stored_ = std::move(stored);
  known_ = true;
  pause_ = true;
  seenAt_ = sentAt;
  leadsUntil_ = ours() ? sentAt + spec_.renewDeadline : Instant::min();
}

std::optional<api::Lease> LeaseMachine::release(Time wall) {
  leadsUntil_ = Instant::min();
  if (!ours()) return std::nullopt;
  api::Lease lease = *std::exchange(stored_, std::nullopt);
  known_ = false;
  lease.holder.clear();
  lease.durationSeconds = 1;
  lease.renewTime = wall;
  return lease;
}

}  // namespace errand::kube
