// errand-operator: issues credentials for AgentIdentities and TaskGrants that last as long as a task, and
// revokes them.
#include <CLI/CLI.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "core/base/log.hpp"
#include "core/daemon/daemon.hpp"
#include "core/kube/config/config.hpp"
#include "core/kube/http/rest_transport.hpp"
#include "operator/control/runtime.hpp"

namespace {

using namespace errand;
using namespace std::chrono_literals;

constexpr const char* kLease = "errand-operator";

struct Flags {
  daemon::ProcessFlags process;
  kube::Source source;
  daemon::LeaderFlags leader;
  std::string apiServer = "https://kubernetes.default.svc";
  std::vector<std::string> proofServers;
  plan::Settings settings;
  Seconds enforcementSettle{5};
  std::vector<std::string> ignoredRoles;
  int workers = 4;
  std::string webhookUrl;
};

void describe(CLI::App& app, Flags& flags) {
  app.set_version_flag("--version", "errand-operator " ERRAND_VERSION);
  daemon::describe(app, flags.source);
  daemon::describe(app, flags.process);
  daemon::requireHttps(app.add_option("--agents-api-server", flags.apiServer,
                                      "The API server's URL in the kubeconfig that a slot gives to its pods"))
      ->capture_default_str();
  daemon::requireHttps(app.add_option(
      "--proof-server", flags.proofServers,
      "The URL of one API server, if several share one address. Give it once for each API server.\n"
      "The end of a grant is confirmed once all of them reject its token. Default: each review goes\n"
      "to the shared address on a new connection"));
  daemon::addDuration(app, "--approval-timeout", flags.settings.approvalTimeout,
                      "The time after its creation at which a grant without approval is denied");
  daemon::addDuration(
      app, "--max-request-age", flags.settings.maxRequestAge,
      "The time after its creation at which a grant that has not started is denied. The groups of its\n"
      "requester may have changed");
  daemon::addDuration(app, "--keep-records", flags.settings.keepRecords,
                      "The shortest time that an ended grant is kept. A longer ttlSecondsAfterFinished wins");
  daemon::addDuration(
      app, "--enforcement-settle", flags.enforcementSettle,
      "The time from a namespace's enrolment until its objects count. Each API server must know the\n"
      "label by then");
  app.add_option(
         "--ignore-cluster-role", flags.ignoredRoles,
         "A ClusterRole that may be bound to every account, such as one for discovery. The ClusterRoles\n"
         "that Kubernetes itself binds to every user are known. A binding of another role to an agent's\n"
         "account ends its grants. May be given several times")
      ->type_name("NAME");
  app.add_option("--workers", flags.workers, "The number of grants that are reconciled at the same time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  daemon::describe(app, flags.leader, kLease);
  daemon::requireHttps(app.add_option(
      "--webhook-url", flags.webhookUrl,
      "The URL of a webhook outside of the cluster, without a path. The webhook configurations must\n"
      "name it. Default: they must name the Service errand-webhook"));
}

// Connects to one API server with the same credentials and authorities. Each connection has its own copy.
Result<std::unique_ptr<kube::Transport>> proofServerAt(const Flags& flags, const std::string& server) {
  auto config = kube::load(flags.source);
  if (!config) return std::unexpected(std::move(config.error()));
  auto checked = kube::checkServer(server);
  if (!checked) return std::unexpected(std::move(checked.error()));
  config->server = std::move(*checked);
  return kube::makeRestTransport(std::move(*config));
}

Result<void> run(const Flags& flags, daemon::Process& process) {
  auto config = kube::load(flags.source);
  if (!config) return std::unexpected(config.error());
  control::RuntimeOptions options;
  options.workers = flags.workers;
  options.instance = daemon::hostName(kLease);
  auto lease = daemon::leaseOf(flags.leader, kLease, config->ns);
  if (!lease) return std::unexpected(std::move(lease.error()));
  options.lease = std::move(*lease);
  options.guards.ns = config->inCluster ? config->ns : "errand-system";
  options.guards.webhookUrl = flags.webhookUrl;
  options.settings = flags.settings;
  options.enforcementSettle = flags.enforcementSettle;
  options.ignoredRoles = flags.ignoredRoles;
  options.endpoint = {flags.apiServer, config->caPem};
  auto transport = kube::makeRestTransport(std::move(*config));
  if (!transport) return std::unexpected(transport.error());

  std::vector<std::unique_ptr<kube::Transport>> proofServers;
  for (const std::string& server : flags.proofServers) {
    auto proofServer = proofServerAt(flags, server);
    if (!proofServer) return std::unexpected(std::move(proofServer.error()).in("--proof-server " + server));
    options.proofServers.push_back(proofServers.emplace_back(std::move(*proofServer)).get());
  }

  control::Runtime runtime(**transport, std::move(options), systemClock());
  const auto caches = [&] {
    return runtime.synced() ? Result<void>()
                            : fail(ErrorKind::Unavailable, "the first lists are not complete");
  };
  const auto health = process.serveHealth({{"caches", caches}});
  if (!health) return std::unexpected(health.error());
  log::info("started", {{"version", ERRAND_VERSION}, {"workers", flags.workers}});
  process.awaitEnd();
  runtime.stop(5s);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "The operator of Errand. It gives workloads the credentials of their TaskGrants, and revokes them\n"
      "at the end. On SIGTERM or SIGINT it finishes the current actions and ends; the next start\n"
      "continues the rest.");
  Flags flags;
  describe(app, flags);
  CLI11_PARSE(app, argc, argv);
  return daemon::run(flags.process, [&](daemon::Process& process) { return run(flags, process); });
}
