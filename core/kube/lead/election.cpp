#include "core/kube/lead/election.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/log.hpp"

namespace errand::kube {
namespace {

Result<api::Lease> decoded(const Result<nlohmann::json>& answer) {
  if (!answer) return std::unexpected(answer.error());
  return api::decode<api::Lease>(*answer);
}

// Returns the timeout of a call: a third of the renew deadline, so that several attempts fit, but at least
// 1 s.
Millis callLimit(const LeaseSpec& spec) {
  return std::max<Millis>(Seconds{1}, std::chrono::duration_cast<Millis>(spec.renewDeadline) / 3);
}

Result<api::Lease> write(const Client& client, const api::Lease& lease) {
  return decoded(client.mergePatch(
      api::kLeases, lease.meta.ns, lease.meta.name,
      {{"metadata", {{"uid", lease.meta.uid}, {"resourceVersion", lease.meta.resourceVersion}}},
       {"spec", api::encode(lease)["spec"]}}));
}

}  // namespace

LeaderElection::LeaderElection(Transport& transport, LeaseSpec spec, const Clock& clock, Random& random)
    : spec_(std::move(spec)),
      clock_(clock),
      random_(random),
      bounded_(transport, callLimit(spec_)),
      // The client must not repeat a request: the machine decides when to try again.
      client_(bounded_, cancel_.get_token(), [](Millis, const std::stop_token&) { return false; }),
      leads_(metrics::gauge("leader_election_master_status", "1 if this process leads, 0 if it stands by.",
                            {{"name", spec_.name}})),
      machine_(spec_),
      thread_([this](const std::stop_token& stop) { compete(stop); }) {}

Millis LeaderElection::left() const {
  const std::lock_guard lock(mutex_);
  const Instant now = clock_.monotonic();
  return until_ <= now ? Millis{0} : std::chrono::floor<Millis>(until_ - now);
}

void LeaderElection::announce(Instant until) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(until_, until) == until) return;
  changed_.notify_all();
}

bool LeaderElection::awaitLead(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [&] { return until_ > clock_.monotonic(); });
  return !stop.stop_requested();
}

void LeaderElection::awaitLoss(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const Instant now = clock_.monotonic();
    if (until_ <= now) return;
    const Instant seen = until_;
    changed_.wait_for(lock, stop, seen - now, [&] { return until_ != seen; });
  }
}

void LeaderElection::step(const LeaseMachine::Next& next) {
  const Instant sentAt = clock_.monotonic();
  if (next.step == LeaseMachine::Step::Read) {
    auto stored = decoded(client_.get(api::kLeases, spec_.ns, spec_.name));
    if (stored) return machine_.read(std::move(*stored), clock_.monotonic());
    if (stored.error().kind == ErrorKind::NotFound) return machine_.read(std::nullopt, clock_.monotonic());
    log::warn("lease not read",
              {{"lease", spec_.name}, {"namespace", spec_.ns}, {"error", stored.error().message}});
    return machine_.failed();
  }
  auto stored = next.step == LeaseMachine::Step::Create
                    ? decoded(client_.create(api::kLeases, spec_.ns, api::encode(next.lease)))
                    : write(client_, next.lease);
  if (stored) return machine_.wrote(std::move(*stored), sentAt);
  const bool beaten =
      stored.error().kind == ErrorKind::Conflict || stored.error().kind == ErrorKind::AlreadyExists;
  log::write(beaten ? log::Level::debug : log::Level::warn, "lease not written",
             {{"lease", spec_.name}, {"namespace", spec_.ns}, {"error", stored.error().message}});
  machine_.failed();
}

void LeaderElection::compete(std::stop_token stop) {
  const Pause pause = systemPause();
  bool led = false;
  while (!stop.stop_requested()) {
    const auto next = machine_.next(clock_.monotonic(), clock_.now(), random_);
    if (next.step == LeaseMachine::Step::Wait)
      pause(next.wait, stop);
    else
      step(next);
    announce(machine_.leadsUntil());
    const bool leads = left() > Millis{0};
    leads_.set(leads ? 1 : 0);
    if (std::exchange(led, leads) != leads)
      log::info(leads ? "leading" : "leading no more",
                {{"lease", spec_.name}, {"namespace", spec_.ns}, {"identity", spec_.identity}});
  }
}

void LeaderElection::release() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  cancel_.request_stop();
  thread_.join();
  announce(Instant::min());
  leads_.set(0);
  // The client must not repeat a request: the loop below decides when to try again.
  const Client last(bounded_, {}, [](Millis, const std::stop_token&) { return false; });
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto lease = machine_.release(clock_.now());
    if (!lease) return;
    const auto stored = write(last, *lease);
    if (stored) return;
    log::warn("lease not released", {{"lease", spec_.name}, {"error", stored.error().message}});
    if (stored.error().kind != ErrorKind::Conflict) return;
    // The API server may have executed the renewal that the stop has cut off.
    auto latest = decoded(last.get(api::kLeases, spec_.ns, spec_.name));
    if (!latest) return;
    machine_.read(std::move(*latest), clock_.monotonic());
  }
}

}  // namespace errand::kube
