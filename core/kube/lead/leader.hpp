// Runs work while this process leads.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>

#include "core/kube/lead/election.hpp"

namespace errand::kube {

// Runs terms of leadership, and fences the calls of each.
class Leader {
 public:
  // Without a Lease this process always leads. `transport` and `clock` must outlive the leader.
  Leader(Transport& transport, const std::optional<LeaseSpec>& lease, const Clock& clock = systemClock());

  // Returns the transport for everything that only the leader may do. Outside of a term its calls are
  // Cancelled (Fence).
  Transport& transport() { return fence_ ? *fence_ : transport_; }

  // Runs one term after another until `stop`. A term's token is stopped when this process loses the lead,
  // or at `stop`; `term` must then return soon. At `stop` its open calls continue, so that a term can
  // finish its work.
  void run(const std::stop_token& stop, const std::function<void(const std::stop_token&)>& term);

  // Hands over the Lease, so that a successor need not wait until it expires. Call it after
  // run() has returned.
  void release();

 private:
  Transport& transport_;
  std::optional<LeaderElection> election_;
  std::optional<Fence> fence_;
};

}  // namespace errand::kube
