// Checks a cluster again and again, for a scanner that runs in it.
#pragma once

#include <signal.h>

#include <string>

#include "core/base/time.hpp"
#include "core/kube/client/client.hpp"
#include "rules/views.hpp"

namespace errand::cli {

struct WatchOptions {
  std::string ns;  // empty: every enrolled namespace, and cluster-scoped objects
  Seconds every{600};
  std::string healthListen;  // IP:PORT of /healthz, /readyz and /metrics
  rules::RuleSettings rules;
};

// Checks and publishes until one of the signals `end` arrives, which must be blocked. Reads no Secret. A
// check that fails is logged, and repeated when the next is due. Fails if it cannot listen.
Result<void> watch(const kube::Client& client, const WatchOptions& options, const sigset_t& end);

}  // namespace errand::cli
