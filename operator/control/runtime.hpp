// The operator as a whole: watches, queues, workers.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "operator/control/controllers.hpp"
#include "operator/control/wakeups.hpp"
#include "operator/control/watches.hpp"

namespace errand::control {

struct RuntimeOptions {
  int workers = 4;  // for grants; identities have one
  plan::Settings settings;
  apply::ApiEndpoint endpoint;
};

class Runtime {
 public:
  // Starts at once. `transport` outlives it.
  Runtime(kube::Transport& transport, RuntimeOptions options, const Clock& clock);

  // Finishes what is under way, starts nothing more, and ends. Calls still open
  // after `patience` are cut; the next start finishes their work.
  void stop(Millis patience);
  ~Runtime();

  bool synced() const { return watches_->synced(); }

 private:
  void superviseNamespaces(std::stop_token stop);

  std::stop_source calls_;
  kube::Client client_;
  apply::Stores stores_;
  apply::ProofBook proofs_;
  Queues queues_;
  apply::Applier applier_;
  Observer observer_;
  GrantController grants_;
  IdentityController identities_;
  SweepController sweeps_;
  std::unique_ptr<Watches> watches_;
  std::vector<std::jthread> workers_;
  std::stop_source stopWork_;
};

}  // namespace errand::control
