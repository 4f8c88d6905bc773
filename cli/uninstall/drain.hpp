// Uninstalls with the operator's help: it revokes every grant, and is stopped afterwards.
#pragma once

#include <string>

#include "cli/uninstall/remove.hpp"
#include "core/base/time.hpp"
#include "core/kube/client/client.hpp"

namespace errand::cli {

struct DrainOptions {
  std::string operatorNamespace;
  Seconds timeout{900};
};

enum class Drained {
  Done,        // nothing is left
  Late,        // the timeout has passed
  NoOperator,  // grants are left, and the operator does not run
  Runs,        // the operator runs outside of the cluster, so it cannot be stopped
  Restless,    // new grants kept starting while the operator was being stopped
};

// Revokes all grants, waits until each end is confirmed, scales the operator to zero, and removes the rest.
// It can be interrupted and run again at any point. Fails if the cluster cannot be read or written.
Result<Drained> drain(const kube::Client& client, const DrainOptions& options, const Say& say);

}  // namespace errand::cli
