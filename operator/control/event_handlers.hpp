// Defines which keys a change of an object requeues.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/kube/workqueue.hpp"
#include "operator/state/stores.hpp"

namespace errand::control {

// The queues of the controllers. Safe to use from several threads.
struct Queues {
  kube::WorkQueue grants{"grants"};
  kube::WorkQueue identities{"identities"};
  kube::WorkQueue namespaces{"namespaces"};    // keys with an empty namespace
  kube::WorkQueue sweeps{"sweeps"};            // keys with an empty namespace
  kube::WorkQueue enforcement{"enforcement"};  // keys with an empty namespace

  void shutDown() {
    grants.shutDown();
    identities.shutDown();
    namespaces.shutDown();
    sweeps.shutDown();
    enforcement.shutDown();
  }
};

// Options of connect().
struct Connections {
  std::vector<std::string> ignoredRoles = {};  // ClusterRoles that may be bound to every account
  // Called when cached answers about rights are outdated, by the thread that changed a store. Must not block.
  std::function<void()> rightsChanged = [] {};
};

// Adds indexes and listeners to the stores. Call it once, before the first reflector starts. Stores and
// queues must outlive the reflectors.
void connect(state::Stores& stores, Queues& queues, Connections with = {});

}  // namespace errand::control
