// Runs work while this process leads.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>

#include "core/kube/lead/election.hpp"

namespace errand::kube {

class Leader {
 public:
  // Without a Lease this process always leads. `transport` and `clock` must outlive the leader.
  Leader(Transport& transport, const std::optional<LeaseSpec>& lease, const Clock& clock = systemClock());

  // For everything that only the leader may do: outside of a term its calls are Cancelled (Fence).
  Transport& transport() { return fence_ ? *fence_ : transport_; }

  // Runs one term after another until `stop`. `term` must return soon after its token is stopped, which
  // happens when this process leads no more, or at `stop`. At `stop` its open calls go on, so that a term can
  // finish what it has begun.
  void run(const std::stop_token& stop, const std::function<void(const std::stop_token&)>& term);

  // Hands the Lease over, so that a successor need not wait for it to run out. Call it after run() returned.
  void release();

 private:
  Transport& transport_;
  std::optional<LeaderElection> election_;
  std::optional<Fence> fence_;
};

}  // namespace errand::kube
