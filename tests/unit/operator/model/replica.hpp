// One operator process: its own stores, queues and proofs, and the real
// controllers over them. The schedule decides what it hears, and when.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "operator/control/enforcement.hpp"
#include "operator/control/event_handlers.hpp"
#include "operator/control/grants.hpp"
#include "operator/control/identities.hpp"
#include "operator/control/sweep.hpp"
#include "tests/unit/operator/model/apiserver.hpp"

namespace errand::model {

inline constexpr const char* kNamespace = "agents";
inline constexpr int kKindCount = 12;
extern const char* const kWatchedKinds[kKindCount];

class Replica {
 public:
  Replica(ApiServer& server, kube::Transport& link, const FakeClock& clock);

  // Lists a kind anew where it was never listed or `again`; else gives up to `most` of its next events.
  bool deliver(int kind, size_t most, bool again = false);
  bool lags(int kind) const;
  bool syncedCluster() const { return listed_[0] && listed_[1] && listed_[2]; }

  // Works off one ready key of the queue: 0 grants, 1 identities, 2 sweeps. False where there is none.
  bool work(int queue);
  void wakeEverything();
  void forgetProofs() { proofs_.clear(); }

 private:
  struct NoEvents final : kube::EventSink {
    void record(kube::Event) override {}
  };
  struct Half final : Random {
    std::uint64_t next() override { return 1ULL << 62; }
  };
  template <class T>
  void feed(kube::Store<T>& store, int kind, size_t most, bool again);

  ApiServer& server_;
  Half random_;
  NoEvents events_;
  kube::Client client_;
  state::Stores stores_;
  state::RevocationProofs proofs_;
  control::Queues queues_;
  apply::Applier applier_;
  state::Observer observer_;
  control::GrantController grants_;
  control::IdentityController identities_;
  control::SweepController sweeps_;
  control::EnforcementController enforcement_;
  bool listed_[kKindCount] = {};
  size_t heard_[kKindCount] = {};
};

}  // namespace errand::model
