#include <iostream>
#include <memory>

#include "cli/cluster/connect.hpp"
#include "cli/command/command.hpp"
#include "cli/explain/explain.hpp"
#include "cli/explain/read.hpp"
#include "cli/explain/target.hpp"
#include "core/base/log.hpp"

namespace errand::cli {
namespace {

struct Flags {
  ClusterFlags cluster;
  std::string target, format = "text";
  std::string operatorNamespace = "errand-system";
};

int run(const Flags& flags) {
  log::setup(log::Level::error);
  const auto target = parseTarget(flags.target);
  if (!target) return failed(target.error());
  const auto cluster = connect(flags.cluster);
  if (!cluster) return failed(cluster.error());
  const auto facts =
      readChain(kube::Client(*cluster->transport), cluster->ns, *target, flags.operatorNamespace);
  if (!facts) return failed(facts.error());
  const std::vector<CheckLine> lines = explain(*facts, systemClock().now());
  std::cout << (flags.format == "json" ? asJson(lines) : asText(lines)) << std::flush;
  return exitOf(lines);
}

}  // namespace

void addExplain(CLI::App& app, Command& chosen) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* explain = app.add_subcommand(
      "explain",
      "Explains why a grant, or the pods of a workload, do or do not get credentials: checks the pod, the\n"
      "workload, the grant, its requester, AgentIdentity, tool class, roles and namespace, and prints the\n"
      "command that mends each problem. Reads with your own rights; what they do not allow is shown as\n"
      "unknown. Exits with 0 if nothing is wrong, 1 if something is wrong, and 2 if something could not be\n"
      "read.");
  explain
      ->add_option("target", flags->target,
                   "A TaskGrant, Job or Pod: NAME if no other of these has that name, or KIND/NAME")
      ->type_name("[KIND/]NAME")
      ->required();
  describeConnection(*explain, flags->cluster);
  describeNamespace(*explain, flags->cluster);
  explain->add_option("--operator-namespace", flags->operatorNamespace, "The namespace of errand-operator")
      ->type_name("NAMESPACE")
      ->capture_default_str();
  explain->add_option("--format", flags->format, "How to print it")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  explain->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace errand::cli
