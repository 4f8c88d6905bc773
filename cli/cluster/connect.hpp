// How the subcommands that ask a cluster reach it: with the user's own kubeconfig, so with the user's own
// rights.
#pragma once

#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/kube/config/config.hpp"
#include "core/kube/http/transport.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace errand::cli {

struct ClusterFlags {
  kube::Source source;
  std::string ns;  // empty: the context's
  bool allNamespaces = false;
  std::string as;              // the user to act as; empty: the user of the credentials
  Seconds requestTimeout{30};  // of one request
};

struct Cluster {
  std::unique_ptr<kube::Transport> transport;
  std::string ns;  // empty: all namespaces
};

// As kubectl does: the kubeconfig that was named, else the files of $KUBECONFIG, else ~/.kube/config, else
// the account of the pod that this runs in. To be called once, before the first thread starts.
Result<Cluster> connect(const ClusterFlags& flags);

// Flags of a command that talks to a cluster; `flags` must outlive the parsing. The first adds --kubeconfig,
// --context, --as and --request-timeout, the second --namespace. The third adds both and --all-namespaces.
void describeConnection(CLI::App& command, ClusterFlags& flags);
CLI::Option* describeNamespace(CLI::App& command, ClusterFlags& flags);
void describe(CLI::App& command, ClusterFlags& flags);

}  // namespace errand::cli
