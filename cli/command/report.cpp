#include <iostream>
#include <memory>

#include "cli/cluster/connect.hpp"
#include "cli/command/command.hpp"
#include "cli/findings/flags.hpp"
#include "cli/report/check.hpp"
#include "cli/report/watch.hpp"
#include "core/base/log.hpp"
#include "core/base/signals.hpp"
#include "core/daemon/flags.hpp"

namespace errand::cli {
namespace {

struct Flags {
  ClusterFlags cluster;
  FindingFlags findings;
  std::string every, healthListen = "0.0.0.0:8081", logLevel = "info";
};

constexpr int kFailed = 2;

int failed(const Error& error) {
  std::cerr << "kubectl-errand: " << error.message << '\n';
  return kFailed;
}

int once(const Flags& flags, const kube::Client& client, std::string ns) {
  const auto world = readCluster(client, {.ns = std::move(ns), .secrets = true});
  if (!world) return failed(world.error());
  return finish(flags.findings, checkCluster(*world, systemClock().now(), flags.findings.rules));
}

int everySo(const Flags& flags, const kube::Client& client, const std::string& ns, const sigset_t& end) {
  const WatchOptions options{.ns = ns,
                             .every = parseDuration(flags.every).value_or(Seconds{600}),
                             .healthListen = flags.healthListen,
                             .rules = flags.findings.rules};
  const Result<void> watched = watch(client, options, end);
  return watched ? 0 : failed(watched.error());
}

int run(const Flags& flags) {
  const bool watching = !flags.every.empty();
  const sigset_t end = watching ? blockSignals() : sigset_t{};
  log::setup(watching ? log::parseLevel(flags.logLevel).value_or(log::Level::info) : log::Level::error);
  const auto cluster = connect(flags.cluster);
  if (!cluster) return failed(cluster.error());
  const kube::Client client(*cluster->transport);
  return watching ? everySo(flags, client, cluster->ns, end) : once(flags, client, cluster->ns);
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
  report
      ->add_option("--every", flags->every,
                   "Go on until SIGTERM, with so much time between two scans; tell by metrics and Events,\n"
                   "print nothing and leave Secrets alone")
      ->type_name("DURATION")
      ->check(CLI::Validator(
          [](const std::string& text) {
            const Result<Seconds> read = parseDuration(text);
            if (!read) return read.error().message;
            return *read > Seconds{0} ? std::string() : std::string("must be longer than 0s");
          },
          ""));
  daemon::addAddress(*report, "--health-listen", flags->healthListen,
                     "With --every: address for /healthz, /readyz and /metrics (HTTP)");
  report->add_option("--log-level", flags->logLevel, "With --every: what to log")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
  report->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace errand::cli
