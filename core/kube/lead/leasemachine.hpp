// Leader election by a Lease as a state machine: answers in, requests out. Pure:
// no thread, clock or socket. The rules are client-go's (tools/leaderelection).
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/api/lease.hpp"
#include "core/base/crypto.hpp"
#include "core/base/time.hpp"

namespace errand::kube {

struct LeaseSpec {
  std::string ns, name;
  std::string identity;       // of this process, and of no other that ever ran
  Seconds duration{15};       // how long others wait for a holder that they do not hear of
  Seconds renewDeadline{10};  // how long a holder acts after the last renewal that succeeded
  Seconds retry{2};           // between two attempts
};

// Invalid where a leader could still act while another one may already take over.
Result<void> check(const LeaseSpec& spec);

// Guarantees, as long as monotonic clocks go equally fast within the difference
// of duration and renewDeadline: of all processes that compete for the Lease at
// most one is within its leadsUntil() at any moment. It counts from before the
// write was sent, while others count from after they have read it; wall-clock
// times in the Lease are for people.
class LeaseMachine {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  enum class Step { Read, Create, Update, Wait };
  struct Next {
    Step step;
    api::Lease lease = {};  // to create, or to patch under its resourceVersion
    Millis wait{0};         // with Wait; after it comes a Read or an Update
  };

  explicit LeaseMachine(LeaseSpec spec) : spec_(std::move(spec)) {}

  Next next(Instant now, Time wall, Random& random);

  // The answer to a Read; empty where there is no such Lease.
  void read(std::optional<api::Lease> stored, Instant receivedAt);
  // A Create or an Update has been carried out.
  void wrote(api::Lease stored, Instant sentAt);
  // Somebody else was faster, or what happened is not known.
  void failed() {
    known_ = false;
    pause_ = true;
  }

  // Until when this process may act as leader; in the past where it is not.
  Instant leadsUntil() const { return leadsUntil_; }

  // Gives the Lease up, for a successor to take at once; nothing where it is not ours.
  // The caller has stopped acting before.
  std::optional<api::Lease> release(Time wall);

 private:
  bool ours() const { return stored_ && stored_->holder == spec_.identity; }

  LeaseSpec spec_;
  std::optional<api::Lease> stored_;
  bool known_ = false;  // stored_ is what the API server had at the last answer
  bool pause_ = false;  // the next step is to wait
  Instant seenAt_{};    // when stored_ was first read as it is
  Instant leadsUntil_ = Instant::min();
};

}  // namespace errand::kube
