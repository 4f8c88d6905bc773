// Which change wakes which key: the indexes of the stores, and their listeners.
#pragma once

#include "core/kube/workqueue.hpp"
#include "operator/apply/stores.hpp"

namespace errand::control {

struct Queues {
  kube::WorkQueue grants{"grants"};
  kube::WorkQueue identities{"identities"};
  kube::WorkQueue namespaces{"namespaces"};  // keys with an empty namespace
  kube::WorkQueue sweeps{"sweeps"};          // likewise

  void shutDown() {
    grants.shutDown();
    identities.shutDown();
    namespaces.shutDown();
    sweeps.shutDown();
  }
};

// Before the first reflector starts. Both outlive the reflectors.
void connect(apply::Stores& stores, Queues& queues);

}  // namespace errand::control
