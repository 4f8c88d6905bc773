// The subcommands of kubectl-errand: each adds itself to the command line and
// says afterwards what to exit with.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace errand::cli {

struct ClusterFlags;

using Command = std::function<int()>;

// Of --api-audience, which the webhook has, too.
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

// --kubeconfig, --context, --namespace and --all-namespaces of a command that asks a cluster
// (cli/cluster.hpp). `flags` outlives the parsing.
void describe(CLI::App& command, ClusterFlags& flags);

}  // namespace errand::cli
