// Runs work while this process leads.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>

#include "core/kube/lead/election.hpp"

namespace errand::kube {

// Runs terms of leadership. A term is a period in which this process leads.
class Leader {
 public:
  // Without a Lease this process always leads. A Lease must pass check(). `transport` and `clock` must
  // outlive the leader.
  Leader(Transport& transport, const std::optional<LeaseSpec>& lease, const Clock& clock = systemClock());

  // Returns the transport for everything that only the leader may do. Outside of a term its calls fail with
  // Cancelled (Fence). Without a Lease it is the transport of the constructor.
  Transport& transport() { return fence_ ? *fence_ : transport_; }

  // Blocks until `stop`, and calls `term` once for each term, on another thread. The token of `term` is
  // stopped when this process loses the lead, or at `stop`; `term` must then return soon. At `stop` calls in
  // progress continue, so that a term can finish its work. Without a Lease, only calls term(stop).
  void run(const std::stop_token& stop, const std::function<void(const std::stop_token&)>& term);

  // Gives up the Lease, so that a successor need not wait until it expires. Call it after run() has returned.
  void release();

 private:
  Transport& transport_;
  std::optional<LeaderElection> election_;
  std::optional<Fence> fence_;
};

}  // namespace errand::kube
