// Flags that several processes share, and flags with typed values.
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

// Every `out`, `flags` and `source` below must outlive the parsing. Its value before is the default, which
// the help prints. A `name` begins with two dashes.

// The flags of every process.
struct ProcessFlags {
  std::string healthListen = "0.0.0.0:8081";
  log::Level logLevel = log::Level::info;
};

// Adds --health-listen and --log-level. `condition` is added to their help if they have an effect only with
// another flag, for example "with --every".
void describe(CLI::App& app, ProcessFlags& flags, const std::string& condition = {});

// Adds --kubeconfig, --context and --insecure-skip-tls-verify.
void describe(CLI::App& app, kube::Source& source);

// The flags of leader election.
struct LeaderFlags {
  bool elect = true;
  std::string ns;        // empty means the pod's own namespace
  kube::LeaseSpec spec;  // only its durations are used
};

// Adds --leader-elect and its durations. `lease` is the name of the Lease.
void describe(CLI::App& app, LeaderFlags& flags, const std::string& lease);

// Returns the Lease to compete for, with an identity that no other process has; nullopt without leader
// election. Fails with Invalid if kube::check() does.
Result<std::optional<kube::LeaseSpec>> leaseOf(const LeaderFlags& flags, const std::string& lease,
                                               const std::string& ownNamespace);

// Returns the name of this host, which is the pod's name; `otherwise` if it has none.
std::string hostName(const std::string& otherwise);

// The allowed range of a value, including both ends.
struct Bounds {
  Seconds least{0};
  Seconds most = std::chrono::years(100);  // more could overflow a clock
};
inline constexpr Bounds kPositive{Seconds{1}};

// Adds `name` DURATION. A text that is no duration, or is outside `bounds`, is a usage error.
CLI::Option* addDuration(CLI::App& app, const std::string& name, Seconds& out, const std::string& what,
                         Bounds bounds = {});
CLI::Option* addDuration(CLI::App& app, const std::string& name, Millis& out, const std::string& what,
                         Bounds bounds = {});
// Adds `name` DURATION. `out` stays empty if the flag is not given.
CLI::Option* addDuration(CLI::App& app, const std::string& name, std::optional<Seconds>& out,
                         const std::string& what, Bounds bounds = {});

// Adds `name` IP:PORT.
CLI::Option* addAddress(CLI::App& app, const std::string& name, std::string& out, const std::string& what);

// Rejects a value that does not begin with https://.
CLI::Option* requireHttps(CLI::Option* option);

}  // namespace errand::daemon
