// Leader election by a Lease as a state machine: answers go in, requests come out. Pure: no thread, clock or
// socket. The rules are those of client-go (tools/leaderelection).
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/api/lease.hpp"
#include "core/base/crypto.hpp"
#include "core/base/time.hpp"

namespace errand::kube {

// The Lease to compete for, and the durations of the election.
struct LeaseSpec {
  std::string ns, name;
  std::string identity;       // of this process; no other process ever had it
  Seconds duration{15};       // how long others wait for a holder that does not renew
  Seconds renewDeadline{10};  // how long a holder may act after its last successful renewal
  Seconds retry{2};           // between two attempts
};

// Fails with Invalid if a leader could still act when another may take over.
Result<void> check(const LeaseSpec& spec);

// Guarantees that at most one of the competing processes is before its leadsUntil() at any moment. It assumes
// that monotonic clocks run equally fast, within the difference of duration and renewDeadline. The holder
// counts from before its write was sent, and others from after they have read it. Wall-clock times in the
// Lease are only for people.
class LeaseMachine {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  enum class Step { Read, Create, Update, Wait };
  struct Next {
    Step step;
    api::Lease lease = {};  // to create, or to patch with its resourceVersion as precondition
    Millis wait{0};         // of a Wait; a Read or an Update follows it
  };

  explicit LeaseMachine(LeaseSpec spec) : spec_(std::move(spec)) {}

  Next next(Instant now, Time wall, Random& random);

  // Handles the answer to a Read; nullopt if there is no such Lease.
  void read(std::optional<api::Lease> stored, Instant receivedAt);
  // Handles the answer to a successful Create or Update.
  void wrote(api::Lease stored, Instant sentAt);
  // Handles a failed request: another process was faster, or the result is not known.
  void failed() {
    known_ = false;
    pause_ = true;
  }

  // Returns the time until which this process may act as leader; in the past if it is not the leader.
  Instant leadsUntil() const { return leadsUntil_; }

  // Returns the Lease without a holder, so that a successor can take it at once; nullopt if this process does
  // not hold it. Call it after you have stopped acting as leader.
  std::optional<api::Lease> release(Time wall);

 private:
  bool ours() const { return stored_ && stored_->holder == spec_.identity; }

  LeaseSpec spec_;
  std::optional<api::Lease> stored_;
  bool known_ = false;  // stored_ is the API server's last answer
  bool pause_ = false;  // the next step is to wait
  Instant seenAt_{};    // when this content of stored_ was first read
  Instant leadsUntil_ = Instant::min();
};

}  // namespace errand::kube
