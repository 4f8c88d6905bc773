// Leader election by a Lease, as a state machine: next() returns a request, and read(), wrote() or failed()
// takes its result. Pure: no thread, clock or socket. The rules are those of client-go's leaderelection.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/api/lease.hpp"
#include "core/base/crypto.hpp"
#include "core/base/time.hpp"

namespace errand::kube {

// The Lease to compete for, and the durations of the election. The defaults are those of client-go.
struct LeaseSpec {
  std::string ns, name;
  std::string identity;       // of this process; no other process may ever have it
  Seconds duration{15};       // how long others wait for a holder that does not renew
  Seconds renewDeadline{10};  // how long a holder may act after its last successful renewal
  Seconds retry{2};           // between two attempts
};

// Fails with Invalid unless 1s <= retry < renewDeadline < duration <= 60s. Otherwise a leader could still act
// when another takes over, or a dead leader could block the others for long.
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
    Millis wait{0};         // for Wait; a Read or an Update follows it
  };

  explicit LeaseMachine(LeaseSpec spec) : spec_(std::move(spec)) {}

  // `wall` is only written into the Lease. `random` spreads the retries of candidates.
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

  // Returns the Lease without a holder, to be written so that a successor can take it at once. Returns
  // nullopt if this process does not hold it. Call it after you have stopped acting as leader.
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
