#include <CLI/CLI.hpp>

#include "cli/cluster/connect.hpp"
#include "core/daemon/flags.hpp"

namespace errand::cli {

void describeConnection(CLI::App& command, ClusterFlags& flags) {
  command
      .add_option_function<std::string>(
          "--kubeconfig", [&flags](const std::string& file) { flags.source.kubeconfig = file; },
          "How to reach the cluster; without it by $KUBECONFIG, ~/.kube/config, or the pod's own account")
      ->type_name("FILE");
  command
      .add_option("--context", flags.source.context, "The kubeconfig's context; without it, current-context")
      ->type_name("NAME");
  command.add_option("--as", flags.as, "Act as this user; you need the verb impersonate")->type_name("USER");
  daemon::addDuration(command, "--request-timeout", flags.requestTimeout, "The longest time of one request",
                      daemon::kPositive);
}

CLI::Option* describeNamespace(CLI::App& command, ClusterFlags& flags) {
  return command.add_option("-n,--namespace", flags.ns, "The namespace; the default is that of the context")
      ->type_name("NAME");
}

void describe(CLI::App& command, ClusterFlags& flags) {
  describeConnection(command, flags);
  CLI::Option* ns = describeNamespace(command, flags);
  command.add_flag("-A,--all-namespaces", flags.allNamespaces, "All namespaces")->excludes(ns);
}

}  // namespace errand::cli
