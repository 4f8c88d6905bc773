// Competes for a Lease on its own thread, and reports whether this process is the leader.
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

// From construction until release() or destruction, this process is a candidate or the leader. A leader that
// cannot renew the Lease becomes a candidate. Safe to use from several threads, except release().
class LeaderElection final : public Leadership {
 public:
  // `spec` must pass check(). The transport, the clock and the random generator must outlive this.
  LeaderElection(Transport& transport, LeaseSpec spec, const Clock& clock = systemClock(),
                 Random& random = systemRandom());
  ~LeaderElection() override { release(); }

  Millis left() const override;

  // Blocks until this process leads. Returns false if a stop is requested.
  bool awaitLead(std::stop_token stop);
  // Blocks until this process does not lead, or a stop is requested.
  void awaitLoss(std::stop_token stop);

  // Ends the candidacy and gives up the Lease, so that a successor need not wait until it expires. Best
  // effort: if it fails, a successor waits until the Lease has expired. Blocks for at most four calls. Call
  // it after you have stopped acting as leader. May be repeated. The destructor calls it.
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
  LeaseMachine machine_;  // used by the thread, and by release() after the thread has ended
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  Instant until_ = Instant::min();
  std::jthread thread_;
};

}  // namespace errand::kube
