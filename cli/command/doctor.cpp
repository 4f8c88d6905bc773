#include <iostream>
#include <memory>

#include "cli/cluster/connect.hpp"
#include "cli/command/command.hpp"
#include "cli/doctor/diagnose.hpp"
#include "cli/doctor/read.hpp"
#include "core/base/log.hpp"

namespace errand::cli {
namespace {

struct Flags {
  ClusterFlags cluster;
  std::string format = "text";
  std::string operatorNamespace = "errand-system";
};

int run(const Flags& flags) {
  log::setup(log::Level::error);
  const auto cluster = connect(flags.cluster);
  if (!cluster) return failed(cluster.error());
  const auto facts = readInstallation(kube::Client(*cluster->transport), flags.operatorNamespace);
  if (!facts) return failed(facts.error());
  const std::vector<CheckLine> lines = diagnose(*facts, systemClock().now());
  std::cout << (flags.format == "json" ? asJson(lines) : asText(lines)) << std::flush;
  return exitOf(lines);
}

}  // namespace

void addDoctor(CLI::App& app, Command& chosen) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* doctor = app.add_subcommand(
      "doctor",
      "Checks an installation: the kinds, the processes, the operator's Lease, the webhook configurations\n"
      "and their certificates, the policies, the namespaces that are enrolled or half enrolled, the\n"
      "AgentIdentities, the grants that are stalled, and the users that may request grants. Reads with your\n"
      "own rights; what they do not allow is shown as unknown. Exits with 0 if nothing is wrong, 1 if\n"
      "something is wrong, and 2 if something could not be read.");
  describeConnection(*doctor, flags->cluster);
  doctor->add_option("--operator-namespace", flags->operatorNamespace, "The namespace of errand-operator")
      ->type_name("NAMESPACE")
      ->capture_default_str();
  doctor->add_option("--format", flags->format, "How to print it")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  doctor->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace errand::cli
