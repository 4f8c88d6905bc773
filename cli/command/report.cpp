#include <iostream>
#include <memory>
#include <optional>

#include "cli/cluster/connect.hpp"
#include "cli/command/command.hpp"
#include "cli/findings/flags.hpp"
#include "cli/report/check.hpp"
#include "cli/report/watch.hpp"
#include "core/base/log.hpp"
#include "core/daemon/daemon.hpp"

namespace errand::cli {
namespace {

struct Flags {
  ClusterFlags cluster;
  FindingFlags findings;
  std::optional<Seconds> every;
  daemon::ProcessFlags process;
};

int once(const Flags& flags) {
  log::setup(log::Level::error);
  const auto cluster = connect(flags.cluster);
  if (!cluster) return failed(cluster.error());
  const kube::Client client(*cluster->transport);
  const auto world = readCluster(client, {.ns = cluster->ns, .secrets = true});
  if (!world) return failed(world.error());
  return finish(flags.findings, checkCluster(*world, systemClock().now(), flags.findings.rules));
}

int repeatedly(const Flags& flags) {
  const int status = daemon::run(flags.process, [&](daemon::Process& process) -> Result<void> {
    const auto cluster = connect(flags.cluster);
    if (!cluster) return std::unexpected(cluster.error());
    const kube::Client client(*cluster->transport);
    return watch(client, {.ns = cluster->ns, .every = *flags.every, .rules = flags.findings.rules}, process);
  });
  return status == 0 ? 0 : kFailed;
}

}  // namespace

void addReport(CLI::App& app, Command& chosen) {
  const auto flags = std::make_shared<Flags>();
  CLI::App* report = app.add_subcommand(
      "report",
      "Finds standing credentials in what exists in a cluster, by the rules that the webhook refuses by,\n"
      "with your own rights and nothing but lists; with -A of every enrolled namespace and of the whole\n"
      "cluster. Of Secrets it reads metadata alone. Exits with 0\n"
      "where nothing is found, 1 with findings, 2 where something could not be read.");
  describe(*report, flags->cluster);
  describe(*report, flags->findings);
  daemon::addDuration(
      *report, "--every", flags->every,
      "Repeat the check at this interval until SIGTERM. Report by metrics and Events, print nothing,\n"
      "and do not read Secrets",
      daemon::kPositive);
  daemon::describe(*report, flags->process, "with --every");
  report->callback(
      [flags, &chosen] { chosen = [flags] { return flags->every ? repeatedly(*flags) : once(*flags); }; });
}

}  // namespace errand::cli
