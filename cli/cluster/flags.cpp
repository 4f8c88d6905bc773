#include <CLI/CLI.hpp>

#include "cli/cluster/connect.hpp"
#include "core/daemon/flags.hpp"

namespace errand::cli {

void describeConnection(CLI::App& command, ClusterFlags& flags) {
  command
      .add_option_function<std::string>(
          "--kubeconfig", [&flags](const std::string& file) { flags.source.kubeconfig = file; },
          "Kubeconfig file. The default is $KUBECONFIG, ~/.kube/config, or the ServiceAccount of the pod")
      ->type_name("FILE");
  command
      .add_option("--context", flags.source.context,
                  "Context of the kubeconfig. The default is its current-context")
      ->type_name("NAME");
  command.add_option("--as", flags.as, "User to impersonate. You need the verb impersonate on it")
      ->type_name("USER");
  daemon::addDuration(command, "--request-timeout", flags.requestTimeout, "Timeout of one request",
                      daemon::kPositive);
}

CLI::Option* describeNamespace(CLI::App& command, ClusterFlags& flags) {
  return command.add_option("-n,--namespace", flags.ns, "Namespace. The default is that of the context")
      ->type_name("NAME");
}

void describe(CLI::App& command, ClusterFlags& flags) {
  describeConnection(command, flags);
  CLI::Option* ns = describeNamespace(command, flags);
  command.add_flag("-A,--all-namespaces", flags.allNamespaces, "All namespaces")->excludes(ns);
}

}  // namespace errand::cli
