// The flags that several processes have, and typed values of flags.
#pragma once

#include <optional>
#include <string>

#include "core/base/log.hpp"
#include "core/base/time.hpp"
#include "core/kube/config/config.hpp"
#include "core/kube/lead/leasemachine.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace errand::daemon {

// Every `out` and `flags` below must outlive the parsing. It holds the default before, which the help prints.

struct ProcessFlags {
  std::string healthListen = "0.0.0.0:8081";
  log::Level logLevel = log::Level::info;
};

// Adds --health-listen and --log-level. `condition`, such as "with --every", says when they have an effect.
void describe(CLI::App& app, ProcessFlags& flags, const std::string& condition = {});

// Adds --kubeconfig, --context and --insecure-skip-tls-verify.
void describe(CLI::App& app, kube::Source& source);

struct LeaderFlags {
  bool elect = true;
  std::string ns;        // empty: the pod's own namespace
  kube::LeaseSpec spec;  // its durations
};

// Adds --leader-elect and its durations. `lease` is the name of the Lease.
void describe(CLI::App& app, LeaderFlags& flags, const std::string& lease);

// Returns the Lease to compete for, with an identity that no other process has; nullopt without election.
// Invalid if the durations do not fit together.
Result<std::optional<kube::LeaseSpec>> leaseOf(const LeaderFlags& flags, const std::string& lease,
                                               const std::string& ownNamespace);

// The name of this host, which is the pod's name; `otherwise` if there is none.
std::string hostName(const std::string& otherwise);

// Both ends are allowed.
struct Bounds {
  Seconds least{0};
  Seconds most = Seconds::max();
};
inline constexpr Bounds kPositive{Seconds{1}};

// Adds --NAME DURATION. A text that is no duration, or is outside of `bounds`, is a usage error.
CLI::Option* addDuration(CLI::App& app, const std::string& name, Seconds& out, const std::string& what,
                         Bounds bounds = {});
CLI::Option* addDuration(CLI::App& app, const std::string& name, Millis& out, const std::string& what,
                         Bounds bounds = {});
// Stays empty where the flag is not given.
CLI::Option* addDuration(CLI::App& app, const std::string& name, std::optional<Seconds>& out,
                         const std::string& what, Bounds bounds = {});

// Adds --NAME IP:PORT.
CLI::Option* addAddress(CLI::App& app, const std::string& name, std::string& out, const std::string& what);

// Rejects a value that does not begin with https://.
CLI::Option* requireHttps(CLI::Option* option);

}  // namespace errand::daemon
