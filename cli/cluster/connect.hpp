// How the subcommands that ask a cluster reach it: with the user's own kubeconfig, so with the user's own
// rights.
#pragma once

#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "core/kube/config/config.hpp"
#include "core/kube/http/transport.hpp"

namespace CLI {
class App;
}

namespace errand::cli {

struct ClusterFlags {
  kube::Source source;
  std::string ns;  // empty: the context's
  bool allNamespaces = false;
};

struct Cluster {
  std::unique_ptr<kube::Transport> transport;
  std::string ns;  // empty: all namespaces
};

// As kubectl does: the kubeconfig that was named, else the files of $KUBECONFIG, else ~/.kube/config, else
// the account of the pod that this runs in. To be called once, before the first thread starts.
Result<Cluster> connect(const ClusterFlags& flags);

// Adds --kubeconfig, --context, --namespace and --all-namespaces to a command that reads a cluster. `flags`
// must outlive the parsing.
void describe(CLI::App& command, ClusterFlags& flags);

}  // namespace errand::cli
