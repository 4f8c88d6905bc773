// errand-operator: turns AgentIdentities and TaskGrants into credentials that
// last as long as a task, and takes them back.
#include <fmt/format.h>

#include <unistd.h>
#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>

#include "core/base/crypto.hpp"
#include "core/base/log.hpp"
#include "core/base/memory.hpp"
#include "core/base/signals.hpp"
#include "core/flags/common.hpp"
#include "core/kube/config/config.hpp"
#include "core/kube/http/rest_transport.hpp"
#include "core/serve/health.hpp"
#include "core/serve/server.hpp"
#include "operator/control/runtime.hpp"

namespace {

using namespace errand;
using namespace std::chrono_literals;

struct Flags {
  flags::Common common;
  std::string apiServer = "https://kubernetes.default.svc";
  std::vector<std::string> proofServers;
  std::string approvalTimeout = "1h", maxRequestAge = "24h", keepRecords = "1h", enforcementSettle = "5s";
  std::vector<std::string> ignoredRoles;
  int workers = 4;
  bool leaderElect = true;
  std::string leaseNamespace;
  bool manageCertificates = true;
  std::string certificatesNamespace;
  std::vector<std::string> webhookNames;
  std::string webhookUrl;
  std::string certificateDuration = "2160h", authorityDuration = "43800h", settleTime = "1m";
  std::string leaseDuration = "15s", renewDeadline = "10s", retryPeriod = "2s";
};

void describe(CLI::App& app, Flags& flags) {
  const auto duration = [&](const char* name, std::string& out, const char* what) {
    flags::addDuration(app, name, out, what);
  };
  const auto https = [](const std::string& text) {
    return text.starts_with("https://") ? std::string() : "\"" + text + "\" does not begin with https://";
  };
  app.set_version_flag("--version", "errand-operator " ERRAND_VERSION);
  flags::describe(app, flags.common);
  app.add_option("--agents-api-server", flags.apiServer,
                 "The API server's URL in the kubeconfig that a slot gives to its pods")
      ->type_name("URL")
      ->check(CLI::Validator(https, ""))
      ->capture_default_str();
  app.add_option(
         "--proof-server", flags.proofServers,
         "The URL of one API server, where several stand behind one address; may be given several\n"
         "times. The end of a grant is confirmed once each of them refuses its token; without it, the\n"
         "one that answers is asked, on a new connection each time")
      ->type_name("URL")
      ->check(CLI::Validator(https, ""));
  duration("--approval-timeout", flags.approvalTimeout,
           "No decision of a person within this time denies a grant");
  duration("--max-request-age", flags.maxRequestAge,
           "A grant that has not started so long after its creation is denied: who asked may have other\n"
           "groups by then");
  duration("--keep-records", flags.keepRecords,
           "How long an ended grant stays at least, whatever its ttlSecondsAfterFinished");
  duration("--enforcement-settle", flags.enforcementSettle,
           "From a namespace's enrolment until what is created there counts: the time in which each API\n"
           "server learns of the label");
  app.add_option(
         "--ignore-cluster-role", flags.ignoredRoles,
         "A ClusterRole that may be bound to every account, beside those of Kubernetes itself, such as\n"
         "one that a distribution has for discovery; may be given several times. A binding of another\n"
         "role to an agent's account ends its grants")
      ->type_name("NAME");
  app.add_option("--workers", flags.workers, "Grants worked on at the same time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_flag(
      "--leader-elect,!--no-leader-elect", flags.leaderElect,
      "Act only while holding the Lease errand-operator, so that several replicas may run; without it\n"
      "there must never be a second process");
  app.add_option("--leader-elect-namespace", flags.leaseNamespace,
                 "Where the Lease is; without it, the pod's own namespace")
      ->type_name("NAMESPACE");
  duration("--leader-elect-lease-duration", flags.leaseDuration,
           "How long others wait for a leader that they do not hear of");
  duration("--leader-elect-renew-deadline", flags.renewDeadline,
           "How long a leader acts after the last renewal that succeeded");
  duration("--leader-elect-retry-period", flags.retryPeriod, "Time between two attempts to get or renew it");
  app.add_flag(
      "--manage-certificates,!--no-manage-certificates", flags.manageCertificates,
      "Make and renew the webhook's certificate (Secret errand-webhook-tls) and publish its authority\n"
      "in both webhook configurations; without it, others see to them, such as cert-manager");
  app.add_option("--certificates-namespace", flags.certificatesNamespace,
                 "Where the Secrets errand-webhook-ca and errand-webhook-tls are; without it, the pod's own")
      ->type_name("NAMESPACE");
  app.add_option("--webhook-name", flags.webhookNames,
                 "A DNS name or IP address by which the API server calls the webhook, may be given several\n"
                 "times; without it, those of the Service errand-webhook")
      ->type_name("NAME");
  app.add_option(
         "--webhook-url", flags.webhookUrl,
         "Where the API server calls the webhook if that runs beside the cluster, without a path; the\n"
         "webhook configurations must then name this URL, else the Service errand-webhook")
      ->type_name("URL")
      ->check(CLI::Validator(https, ""));
  duration("--certificate-duration", flags.certificateDuration,
           "Life of the webhook's certificate; renewed when a third of it is left");
  duration("--authority-duration", flags.authorityDuration,
           "Life of the authority that signs it; replaced when a third of it is left");
  duration("--authority-settle-time", flags.settleTime,
           "From the publication of an authority to the first certificate served that it signed");
}

// The pod's name, which is its host name.
std::string hostName() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "errand-operator";
}

Result<kube::LeaseSpec> leaseOf(const Flags& flags, const std::string& ownNamespace) {
  kube::LeaseSpec spec;
  spec.ns = flags.leaseNamespace.empty() ? ownNamespace : flags.leaseNamespace;
  spec.name = "errand-operator";
  // A restarted container has its predecessor's host name, and is somebody else.
  spec.identity = fmt::format("{}_{:016x}", hostName(), systemRandom().next());
  spec.duration = parseDuration(flags.leaseDuration).value_or(spec.duration);
  spec.renewDeadline = parseDuration(flags.renewDeadline).value_or(spec.renewDeadline);
  spec.retry = parseDuration(flags.retryPeriod).value_or(spec.retry);
  if (auto fine = kube::check(spec); !fine)
    return std::unexpected(std::move(fine.error()).in("--leader-elect-*"));
  return spec;
}

Result<std::optional<certs::Settings>> certificatesOf(const Flags& flags, const std::string& ownNamespace) {
  if (!flags.manageCertificates) return std::nullopt;
  certs::Settings settings;
  settings.ns = flags.certificatesNamespace.empty() ? ownNamespace : flags.certificatesNamespace;
  settings.names = flags.webhookNames;
  if (settings.names.empty()) {
    const std::string service = "errand-webhook." + settings.ns + ".svc";
    settings.names = {service, service + ".cluster.local"};
  }
  settings.servingLife = parseDuration(flags.certificateDuration).value_or(settings.servingLife);
  settings.authorityLife = parseDuration(flags.authorityDuration).value_or(settings.authorityLife);
  settings.settle = parseDuration(flags.settleTime).value_or(settings.settle);
  if (settings.servingLife < Seconds{3} || settings.servingLife > settings.authorityLife) {
    return fail(ErrorKind::Invalid,
                fmt::format("--certificate-duration {} must be 3s at least, and no longer than "
                            "--authority-duration {}",
                            flags.certificateDuration, flags.authorityDuration));
  }
  return settings;
}

// With the same credentials and authorities, of which each connection has its own copy.
Result<std::unique_ptr<kube::Transport>> proofServerAt(const Flags& flags, const std::string& server) {
  auto config = kube::load(flags.common.source);
  if (!config) return std::unexpected(std::move(config.error()));
  auto checked = kube::checkServer(server);
  if (!checked) return std::unexpected(std::move(checked.error()));
  config->server = std::move(*checked);
  return kube::makeRestTransport(std::move(*config));
}

Result<void> run(const Flags& flags, const sigset_t& signals) {
  auto config = kube::load(flags.common.source);
  if (!config) return std::unexpected(config.error());
  control::RuntimeOptions options;
  options.workers = flags.workers;
  options.instance = hostName();
  if (flags.leaderElect) {
    auto lease = leaseOf(flags, config->ns);
    if (!lease) return std::unexpected(std::move(lease.error()));
    options.lease = std::move(*lease);
  }
  options.guards.ns = config->inCluster ? config->ns : "errand-system";
  options.guards.webhookUrl = flags.webhookUrl;
  auto certificates = certificatesOf(flags, config->ns);
  if (!certificates) return std::unexpected(std::move(certificates.error()));
  options.certificates = std::move(*certificates);
  options.settings.approvalTimeout =
      parseDuration(flags.approvalTimeout).value_or(options.settings.approvalTimeout);
  options.settings.maxRequestAge =
      parseDuration(flags.maxRequestAge).value_or(options.settings.maxRequestAge);
  options.settings.keepRecords = parseDuration(flags.keepRecords).value_or(options.settings.keepRecords);
  options.enforcementSettle = parseDuration(flags.enforcementSettle).value_or(options.enforcementSettle);
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
  std::atomic<bool> ending = false;
  const auto health = serve::Server::start(
      {.name = "health",
       .listen = flags.common.healthListen,
       .threads = 1,
       .limits = {.connections = 64},
       .keepAlive = false},
      serve::Routes(serve::healthRoutes(
          {{"ping", [] { return Result<void>(); }}},
          {{"caches",
            [&] {
              return runtime.synced() ? Result<void>()
                                      : fail(ErrorKind::Unavailable, "the first lists are not complete");
            }},
           {"shutdown", [&] {
              return ending ? Result<void>(fail(ErrorKind::Cancelled, "shutting down")) : Result<void>();
            }}})));
  if (!health) return std::unexpected(health.error());
  log::info("started", {{"version", ERRAND_VERSION}, {"workers", flags.workers}});

  const std::string_view signal = waitForSignal(signals);
  ending = true;
  log::info("shutting down", {{"signal", signal}});
  runtime.stop(5s);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  tuneMemory();
  const Result<void> isPrivate = keepMemoryPrivate();
  CLI::App app(
      "The operator of Errand: gives workloads the credentials that TaskGrants say, for as long\n"
      "as they say, and revokes them. Ends on SIGTERM or SIGINT once what is under way is done;\n"
      "whatever is left undone by any end, the next start finishes.");
  Flags flags;
  describe(app, flags);
  CLI11_PARSE(app, argc, argv);

  const sigset_t signals = blockSignals();
  log::setup(log::parseLevel(flags.common.logLevel).value_or(log::Level::info));
  if (!isPrivate) {
    log::error("cannot run", {{"error", isPrivate.error().message}});
    return EXIT_FAILURE;
  }
  if (const auto done = run(flags, signals); !done) {
    log::error("cannot run", {{"error", done.error().message}});
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
