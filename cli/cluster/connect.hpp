// Connects the subcommands to a cluster with the user's own kubeconfig, and so with the user's own rights.
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

// The flags of a command that uses a cluster.
struct ClusterFlags {
  kube::Source source;
  std::string ns;  // empty means that of the context
  bool allNamespaces = false;
  std::string as;              // the user to impersonate; empty means none
  Seconds requestTimeout{30};  // of one request
};

// A connection to a cluster.
struct Cluster {
  std::unique_ptr<kube::Transport> transport;
  std::string ns;  // empty: all namespaces
};

// Connects like kubectl, with the first of: the named kubeconfig, the files of $KUBECONFIG, ~/.kube/config,
// the account of the pod in which this process runs. Sends no request. Fails as kube::load() and
// kube::makeRestTransport(). Call it once, before the first thread starts.
Result<Cluster> connect(const ClusterFlags& flags);

// The functions below add flags to a command. `flags` must outlive the parsing.

// Adds --kubeconfig, --context, --as and --request-timeout.
void describeConnection(CLI::App& command, ClusterFlags& flags);
// Adds --namespace, and returns its option.
CLI::Option* describeNamespace(CLI::App& command, ClusterFlags& flags);
// Adds all of these, and --all-namespaces, which excludes --namespace.
void describe(CLI::App& command, ClusterFlags& flags);

}  // namespace errand::cli
