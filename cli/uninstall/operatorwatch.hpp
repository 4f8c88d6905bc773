// Decides whether errand-operator runs, from its Lease and its Deployment. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/api/lease.hpp"
#include "core/base/time.hpp"

namespace errand::cli {

// The Deployment and the Lease of the operator.
struct OperatorFacts {
  struct Deployment {
    int wanted = 0;   // spec.replicas
    int current = 0;  // status.replicas
    int ready = 0;    // status.readyReplicas
  };
  std::optional<Deployment> deployment;  // nullopt if there is none
  std::optional<api::Lease> lease;       // nullopt if there is none
};

enum class OperatorState {
  Running,
  Silent,    // it should run, but no process renews the Lease
  Stopping,  // scaled to zero, but a process may still lead
  Stopped,   // no process leads, and the Deployment starts none
  Unknown,   // the Lease was not watched for long enough
};

// Watches the Lease across several reads. The clock of this machine may differ from the operator's, so an old
// time in the Lease proves nothing until the Lease has stayed the same for a while.
class OperatorWatch {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // A leader renews its Lease every two seconds, unless flags say otherwise.
  static constexpr Seconds kUnchanged{20};
  // A Lease that is older than this is not taken as a sign of life.
  static constexpr Seconds kFresh{60};

  OperatorState observe(const OperatorFacts& facts, Time now, Instant monotonic);

  // True if the Lease has changed since the first observation, so that a process leads for certain.
  bool sawRenewal() const { return renewed_; }

 private:
  std::optional<bool> leads(const std::optional<api::Lease>& lease, Time now, Instant monotonic);

  bool observed_ = false, renewed_ = false;
  std::string holder_;
  std::optional<Time> renewTime_;
  Instant changedAt_{};
};

}  // namespace errand::cli
