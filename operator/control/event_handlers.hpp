// Which change requeues which key.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/kube/workqueue.hpp"
#include "operator/state/stores.hpp"

namespace errand::control {

struct Queues {
  kube::WorkQueue grants{"grants"};
  kube::WorkQueue identities{"identities"};
  kube::WorkQueue namespaces{"namespaces"};    // keys with an empty namespace
  kube::WorkQueue sweeps{"sweeps"};            // likewise
  kube::WorkQueue enforcement{"enforcement"};  // likewise

  void shutDown() {
    grants.shutDown();
    identities.shutDown();
    namespaces.shutDown();
    sweeps.shutDown();
    enforcement.shutDown();
  }
};

struct Connections {
  std::vector<std::string> ignoredRoles = {};   // ClusterRoles that may be bound to every account
  std::function<void()> rightsChanged = [] {};  // whatever is known of who may do what is out of date
};

// Before the first reflector starts. All outlive the reflectors.
void connect(state::Stores& stores, Queues& queues, Connections with = {});

}  // namespace errand::control
