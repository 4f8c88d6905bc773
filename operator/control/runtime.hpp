// The whole operator: watches, queues, workers, and leader election.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/kube/events/recorder.hpp"
#include "core/kube/http/reachability.hpp"
#include "core/kube/lead/leader.hpp"
#include "operator/control/bindrights.hpp"
#include "operator/control/enforcement.hpp"
#include "operator/control/event_handlers.hpp"
#include "operator/control/grants.hpp"
#include "operator/control/identities.hpp"
#include "operator/control/requestercheck.hpp"
#include "operator/control/sweep.hpp"
#include "operator/guards/watcher.hpp"
#include "operator/state/watches.hpp"

namespace errand::control {

// The configuration of the operator.
struct RuntimeOptions {
  int workers = 4;  // for grants; each other controller has one
  plan::Settings settings;
  apply::ApiEndpoint endpoint;
  // One transport for each API server; proofs and guard checks ask each. Empty if `transport` reaches the
  // only one. They must outlive the Runtime.
  std::vector<kube::Transport*> proofServers = {};
  std::optional<kube::LeaseSpec> lease;        // without one, this process always leads
  std::string instance;                        // the reporting instance of events: the pod's name
  Seconds enforcementSettle{5};                // from the mark of a namespace until its objects count
  std::vector<std::string> ignoredRoles = {};  // ClusterRoles that may be bound to every account
  guards::Settings guards = {};
};

// Runs the operator on its own threads. Without the lead it only watches, so that it can take over
// with full caches.
class Runtime {
 public:
  // Starts at once. `transport` and `clock` must outlive this object.
  Runtime(kube::Transport& transport, RuntimeOptions options, const Clock& clock);

  // Finishes the work in progress, hands over the lead, and ends. Cancels calls that are open after
  // `patience`; the next leader repeats their work. Blocks. Call it at most once. The destructor stops with a
  // patience of zero if you have not.
  void stop(Millis patience);
  ~Runtime();

  // True once the first lists are complete.
  bool synced() const { return watches_->synced(); }

 private:
  void superviseNamespaces(std::stop_token stop);
  void serveTerm(const std::stop_token& over);
  void wakeEverything();

  std::stop_source calls_;
  kube::Reachability server_;
  kube::Leader leader_;
  kube::Client client_;
  kube::EventRecorder events_;
  state::Stores stores_;
  state::RevocationProofs proofs_;
  Queues queues_;
  apply::Applier applier_;
  RequesterCheck requesterCheck_;
  BindRights bindRights_;
  guards::SharedGuardFacts guardFacts_{guards::nothingKnown()};
  state::Observer observer_;
  const Context context_;
  GrantController grants_;
  IdentityController identities_;
  SweepController sweeps_;
  EnforcementController enforcement_;
  guards::Watcher guards_;
  std::unique_ptr<state::Watches> watches_;
  const int workers_;
  std::vector<std::jthread> threads_;
  std::stop_source stopWork_;
  bool stopped_ = false;  // stop() has been called
};

}  // namespace errand::control
