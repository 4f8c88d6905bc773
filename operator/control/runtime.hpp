// The operator as a whole: watches, queues, workers, and whether it leads.
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

struct RuntimeOptions {
  int workers = 4;  // for grants; identities have one
  plan::Settings settings;
  apply::ApiEndpoint endpoint;
  std::vector<kube::Transport*> proofServers = {};  // to each API server by itself; outlive the Runtime
  std::optional<kube::LeaseSpec> lease;             // without one this process always leads
  std::string instance;                             // reports events: the pod's name
  Seconds enforcementSettle{5};                     // from a namespace's enrolment until its objects count
  std::vector<std::string> ignoredRoles = {};       // ClusterRoles that may be bound to every account
  guards::Settings guards = {};
};

// A process that stands by watches as the leader does, so that it can take over
// with warm caches; it decides and writes nothing.
class Runtime {
 public:
  // Starts at once. `transport` outlives it.
  Runtime(kube::Transport& transport, RuntimeOptions options, const Clock& clock);

  // Finishes what is under way, starts nothing more, hands over the lead, and
  // ends. Calls still open after `patience` are cut; the next leader finishes their work.
  void stop(Millis patience);
  ~Runtime();

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
  RequesterCheck requests_;
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
};

}  // namespace errand::control
