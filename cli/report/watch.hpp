// Checks a cluster periodically, for a scanner that runs in it.
#pragma once

#include <string>

#include "core/base/time.hpp"
#include "core/daemon/daemon.hpp"
#include "core/kube/client/client.hpp"
#include "rules/settings.hpp"

namespace errand::cli {

// The options of watch().
struct WatchOptions {
  std::string ns;  // empty means every enrolled namespace, and cluster-scoped objects
  Seconds every{600};
  rules::RuleSettings rules;
};

// Checks and publishes until the process is to end. /readyz succeeds once a check has succeeded. Reads no
// Secret. A failed check is logged, and the next one runs at its usual time. Fails if the health server
// cannot listen.
Result<void> watch(const kube::Client& client, const WatchOptions& options, daemon::Process& process);

}  // namespace errand::cli
