#include <CLI/CLI.hpp>

#include "cli/cluster/connect.hpp"

namespace errand::cli {

void describe(CLI::App& command, ClusterFlags& flags) {
  command
      .add_option_function<std::string>(
          "--kubeconfig", [&flags](const std::string& file) { flags.source.kubeconfig = file; },
          "How to reach the cluster; without it by $KUBECONFIG, ~/.kube/config, or the pod's own account")
      ->type_name("FILE");
  command
      .add_option("--context", flags.source.context, "The kubeconfig's context; without it, current-context")
      ->type_name("NAME");
  CLI::Option* ns =
      command.add_option("-n,--namespace", flags.ns, "Without it, the context's")->type_name("NAME");
  command.add_flag("-A,--all-namespaces", flags.allNamespaces, "Of all namespaces")->excludes(ns);
}

}  // namespace errand::cli
