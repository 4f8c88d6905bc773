// The subcommands of kubectl-errand. Each adds itself to the command line and returns its exit code when run.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace errand::cli {

struct ClusterFlags;

using Command = std::function<int()>;

// The help of --api-audience, a flag that the webhook also has.
inline constexpr const char* kAudienceHelp =
    "An audience of tokens that the API server takes (its --api-audiences) beside "
    "https://kubernetes.default.svc\n"
    "and https://kubernetes.default.svc.cluster.local, for which no pod may project a token; may be given "
    "several\n"
    "times";

// Sets `chosen` when the subcommand is given.
void addScan(CLI::App& app, Command& chosen);
void addStatus(CLI::App& app, Command& chosen);
void addReport(CLI::App& app, Command& chosen);
void addRules(CLI::App& app, Command& chosen);
void addCompletion(CLI::App& app, Command& chosen);
void addEnroll(CLI::App& app, Command& chosen);
void addRevoke(CLI::App& app, Command& chosen);
void addSuspend(CLI::App& app, Command& chosen);  // and resume

// Flags of a command that talks to a cluster (cli/cluster.hpp); `flags` must outlive the parsing. The first
// adds --kubeconfig, --context, --as and --request-timeout, the second --namespace. The third adds both and
// --all-namespaces.
void describeConnection(CLI::App& command, ClusterFlags& flags);
CLI::Option* describeNamespace(CLI::App& command, ClusterFlags& flags);
void describe(CLI::App& command, ClusterFlags& flags);

}  // namespace errand::cli
