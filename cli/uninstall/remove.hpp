// Removes what is left once no process of the operator acts.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/uninstall/inventory.hpp"
#include "core/kube/client/client.hpp"

namespace errand::cli {

// Gets one line for each change.
using Say = std::function<void(const std::string&)>;

struct Removal {
  std::string operatorNamespace;
  std::string ns = {};             // only this namespace; empty means the cluster
  bool isWithoutOperator = false;  // grants have not been revoked by the operator
};

// Calls `write` again for half a minute while a policy rejects it: an API server obeys the removal of a
// policy some seconds later. Returns false if the object does not exist.
Result<bool> untilAdmitted(const std::function<Result<void>()>& write);

// Each function below succeeds if the object does not exist, so that it can be repeated.

// Removes the bindings of the policies that reject the following steps. For one namespace it excludes that
// namespace from them instead; admitAgain() takes that back. Without the operator, it also removes the
// webhook configurations of the cluster, whose webhook may not answer.
Result<void> liftGuards(const kube::Client& client, const Removal& removal, const Say& say);
Result<void> admitAgain(const kube::Client& client, const Removal& removal, const Say& say);

// Deletes the objects of these kinds of `held`, in their order. Takes namespaces out of enforcement instead,
// and skips grants.
Result<void> removeHeld(const kube::Client& client, const std::vector<Held>& held,
                        const std::vector<Holding>& kinds, const Say& say);

// Deletes the operator's records in its namespace: the Lease, and the ConfigMap errand-guards.
Result<void> removeRecords(const kube::Client& client, const Removal& removal, const Say& say);

}  // namespace errand::cli
