// errand-webhook: answers admission reviews. It reads the product's kinds and
// namespaces, writes nothing and holds no credential but its own.
#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>

#include "core/api/resource.hpp"
#include "core/base/log.hpp"
#include "core/base/signals.hpp"
#include "core/kube/client/client.hpp"
#include "core/kube/config/config.hpp"
#include "core/kube/http/rest_transport.hpp"
#include "core/kube/watch/reflector.hpp"
#include "core/serve/health.hpp"
#include "core/serve/listener.hpp"
#include "core/serve/server.hpp"
#include "webhook/serving.hpp"

namespace {

using namespace errand;
using namespace std::chrono_literals;

// Within the ten seconds that a pod's other containers and `docker stop` leave.
constexpr auto kEnd = 9s;
constexpr auto kLongestDelay = 5s;

struct Flags {
  std::optional<std::string> kubeconfig;
  std::string listen = "0.0.0.0:9443";
  serve::CertificateFiles tls;
  std::string healthListen = "0.0.0.0:8081";
  std::string operatorUser;
  std::string shutdownDelay = "3s";
  std::string logLevel = "info";
};

void describe(CLI::App& app, Flags& flags) {
  const auto address = [](const std::string& text) {
    const Result<serve::Address> read = serve::parseAddress(text);
    return read ? std::string() : read.error().message;
  };
  const auto delay = [](const std::string& text) {
    const Result<Seconds> read = parseDuration(text);
    if (!read) return read.error().message;
    return *read <= kLongestDelay ? std::string() : "must be 5s at most";
  };
  app.set_version_flag("--version", "errand-webhook " ERRAND_VERSION);
  app.add_option("--kubeconfig", flags.kubeconfig,
                 "How to reach the API server; without it, as the pod's own account")
      ->type_name("FILE");
  app.add_option("--listen", flags.listen,
                 "Address for the API server's calls (HTTPS); port 0 takes a free one")
      ->type_name("IP:PORT")
      ->check(CLI::Validator(address, ""))
      ->capture_default_str();
  app.add_option("--tls-cert-file", flags.tls.certificate,
                 "PEM certificate to serve with, its intermediates after it")
      ->type_name("FILE")
      ->required();
  app.add_option("--tls-private-key-file", flags.tls.key,
                 "PEM key of that certificate; both are reread when they change")
      ->type_name("FILE")
      ->required();
  app.add_option("--health-listen", flags.healthListen, "Address for /healthz and /readyz (HTTP)")
      ->type_name("IP:PORT")
      ->check(CLI::Validator(address, ""))
      ->capture_default_str();
  app.add_option("--operator-user", flags.operatorUser,
                 "As whom the operator comes, who alone takes gates from pods and mints before a grant is "
                 "Active; without it, the account errand-operator of this pod's own namespace, or of "
                 "errand-system outside of a cluster")
      ->type_name("NAME");
  app.add_option(
         "--shutdown-delay", flags.shutdownDelay,
         "How long to serve on after SIGTERM while /readyz fails, so that the endpoints of the Service "
         "are without this process before it listens no more; 5s at most")
      ->type_name("DURATION")
      ->check(CLI::Validator(delay, ""))
      ->capture_default_str();
  app.add_option("--log-level", flags.logLevel, "What to log")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
}

std::string operatorOf(const Flags& flags, const kube::Config& config) {
  if (!flags.operatorUser.empty()) return flags.operatorUser;
  return "system:serviceaccount:" + (flags.kubeconfig ? "errand-system" : config.ns) + ":errand-operator";
}

Result<void> run(const Flags& flags, const sigset_t& end) {
  Result<kube::Config> config = kube::load(flags.kubeconfig);
  if (!config) return std::unexpected(config.error());
  const std::string operatorUser = operatorOf(flags, *config);
  Result<std::unique_ptr<kube::Transport>> transport = kube::makeRestTransport(std::move(*config));
  if (!transport) return std::unexpected(transport.error());

  webhook::Caches caches;
  kube::Reflector<api::TaskGrant> grants({.resource = api::kTaskGrants}, **transport, caches.grants);
  kube::Reflector<api::AgentIdentity> identities(
      {.resource = api::kAgentIdentities, .undecodableIsAbsent = true}, **transport, caches.identities);
  kube::Reflector<api::Object> namespaces({.resource = api::kNamespaces, .metadataOnly = true}, **transport,
                                          caches.namespaces);
  std::stop_source stop;
  const kube::Client client(**transport, stop.get_token());
  webhook::LiveReads reads(client, caches);

  auto server = serve::Server::start(
      {.name = "admission", .listen = flags.listen, .tls = flags.tls},
      serve::Routes(webhook::admissionRoutes(
          caches.views(operatorUser), [&](const auto& missing) { reads.want(missing); }, systemClock())));
  if (!server) return std::unexpected(server.error());

  std::atomic<bool> ending = false;
  const auto health = serve::Server::start(
      {.name = "health", .listen = flags.healthListen, .threads = 1, .limits = {.connections = 64}},
      serve::Routes(serve::healthRoutes(
          {{"ping", [] { return Result<void>(); }}},
          {{"caches", [&] { return caches.synced(); }},
           {"certificate", [&] { return (*server)->certificate(); }},
           {"shutdown", [&] {
              return ending ? Result<void>(fail(ErrorKind::Cancelled, "shutting down")) : Result<void>();
            }}})));
  if (!health) return std::unexpected(health.error());

  const std::string_view signal = waitForSignal(end);
  ending = true;
  log::info("shutting down", {{"signal", signal}});
  const Seconds delay = parseDuration(flags.shutdownDelay).value_or(Seconds{0});
  (*server)->retire();
  std::this_thread::sleep_for(delay);
  if (!(*server)->drain(kEnd - delay))
    log::warn("connections cut", {{"connections", (*server)->connections()}});
  stop.request_stop();
  grants.requestStop();
  identities.requestStop();
  namespaces.requestStop();
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "The admission webhook of Errand: completes pods from their TaskGrants and refuses pods\n"
      "that carry standing credentials. Ends on SIGTERM or SIGINT once what is under way is answered.",
      "errand-webhook");
  Flags flags;
  describe(app, flags);
  CLI11_PARSE(app, argc, argv);

  const sigset_t end = blockSignals();
  log::setup(log::parseLevel(flags.logLevel).value_or(log::Level::info));
  if (const Result<void> done = run(flags, end); !done) {
    log::error("cannot run", {{"error", done.error().message}});
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
