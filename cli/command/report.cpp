#include <atomic>
#include <iostream>
#include <map>
#include <memory>

#include "cli/cluster.hpp"
#include "cli/command/command.hpp"
#include "cli/live/report.hpp"
#include "cli/live/reportpublisher.hpp"
#include "core/base/log.hpp"
#include "core/base/signals.hpp"
#include "core/daemon/flags.hpp"
#include "core/kube/events/recorder.hpp"
#include "core/serve/health.hpp"
#include "core/serve/server.hpp"
#include "rules/catalogue/flags.hpp"

namespace errand::cli {
namespace {

using namespace std::chrono_literals;

struct Flags {
  ClusterFlags cluster;
  rules::RuleSettings rules;
  std::string format = "text", level = "medium", every, healthListen = "0.0.0.0:8081", logLevel = "info";
};

const std::map<std::string, rules::Severity> kLevels = {{"medium", rules::Severity::Medium},
                                                        {"high", rules::Severity::High},
                                                        {"critical", rules::Severity::Critical}};
constexpr int kFailed = 2;

int failed(const Error& error) {
  std::cerr << "kubectl-errand: " << error.message << '\n';
  return kFailed;
}

int once(const Flags& flags, const kube::Client& client, std::string ns) {
  const auto world = readCluster(client, {.ns = std::move(ns), .secrets = true});
  if (!world) return failed(world.error());
  const LiveReport found = report(*world, systemClock().now(), flags.rules);
  std::cout << (flags.format == "json" ? asJson(found) : asText(found)) << std::flush;
  return exitCode(found, kLevels.at(flags.level));
}

// Until a signal. A scan that fails is logged, and tried again when it is due.
int forever(const Flags& flags, const kube::Client& client, const std::string& ns, const sigset_t& end) {
  kube::EventRecorder events(client, {.controller = "errand.dev/scan", .instance = "errand-scanner"});
  ReportPublisher publisher(events);
  std::atomic<bool> scanned = false;
  const auto health = serve::Server::start(
      {.name = "health",
       .listen = flags.healthListen,
       .threads = 1,
       .limits = {.connections = 64},
       .keepAlive = false},
      serve::Routes(serve::healthRoutes({{"ping", [] { return Result<void>(); }}},
                                        {{"scanned", [&] {
                                            return scanned ? Result<void>()
                                                           : fail(ErrorKind::Unavailable,
                                                                  "nothing is scanned yet");
                                          }}})));
  if (!health) return failed(health.error());
  const timespec pause{static_cast<time_t>(parseDuration(flags.every).value_or(Seconds{600}).count()), 0};
  do {
    const auto world = readCluster(client, {.ns = ns});
    if (!world) {
      log::warn("scan failed", {{"error", world.error().message}});
      continue;
    }
    for (const Broken& one : world->broken)
      log::warn("not read", {{"what", one.file}, {"error", one.message}});
    const Time now = systemClock().now();
    const LiveReport found = report(*world, now, flags.rules);
    publisher.publish(found, now);
    scanned = true;
    log::info("scanned", {{"objects", std::to_string(found.objects)},
                          {"findings", std::to_string(found.findings.size())}});
  } while (sigtimedwait(&end, nullptr, &pause) < 0);
  events.stop(Millis{2000});
  return 0;
}

int run(const Flags& flags) {
  const bool watching = !flags.every.empty();
  const sigset_t end = watching ? blockSignals() : sigset_t{};
  log::setup(watching ? log::parseLevel(flags.logLevel).value_or(log::Level::info) : log::Level::error);
  const auto cluster = connect(flags.cluster);
  if (!cluster) return failed(cluster.error());
  const kube::Client client(*cluster->transport);
  return watching ? forever(flags, client, cluster->ns, end) : once(flags, client, cluster->ns);
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
  std::vector<std::string> levels;
  for (const auto& [level, severity] : kLevels) levels.push_back(level);
  describe(*report, flags->cluster);
  report->add_option("--format", flags->format, "How to print what is found")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  report->add_option("--api-audience", flags->rules.apiAudiences, kAudienceHelp)->type_name("NAME");
  rules::describe(*report, flags->rules);
  report->add_option("--fail-level", flags->level, "The least severity to exit with 1 for")
      ->check(CLI::IsMember(levels))
      ->capture_default_str();
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
