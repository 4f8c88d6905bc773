// Competes for a Lease on its own thread, and reports if this process is the leader.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "core/base/metrics.hpp"
#include "core/kube/client/client.hpp"
#include "core/kube/lead/fence.hpp"
#include "core/kube/lead/leasemachine.hpp"

namespace errand::kube {

// From construction until release() or destruction this process is a candidate
// or the leader; a leader that cannot renew becomes a candidate again.
class LeaderElection final : public Leadership {
 public:
  LeaderElection(Transport& transport, LeaseSpec spec, const Clock& clock = systemClock(),
                 Random& random = systemRandom());
  ~LeaderElection() override { release(); }

  Millis left() const override;

  // Blocks until this process leads; false where a stop came first.
  bool awaitLead(std::stop_token stop);
  // Blocks until it leads no more, or a stop is requested.
  void awaitLoss(std::stop_token stop);

  // Ends the candidacy and hands the Lease over, so that a successor need not
  // wait for it to run out. The caller has stopped acting as leader.
  void release();

 private:
  using Instant = LeaseMachine::Instant;

  void compete(std::stop_token stop);
  void step(const LeaseMachine::Next& next);
  void announce(Instant until);

  const LeaseSpec spec_;
  const Clock& clock_;
  Random& random_;
  DeadlineTransport bounded_;
  std::stop_source cancel_;
  const Client client_;
  const metrics::Gauge leads_;
  LeaseMachine machine_;  // the thread's own, and release()'s after it
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  Instant until_ = Instant::min();
  std::jthread thread_;
};

}  // namespace errand::kube
