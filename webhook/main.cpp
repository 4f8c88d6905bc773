// errand-webhook: answers admission reviews. It reads this project's kinds, namespaces and roles, writes
// nothing, and has no credential except its own.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/api/resource.hpp"
#include "core/base/crypto.hpp"
#include "core/base/file.hpp"
#include "core/base/log.hpp"
#include "core/base/memory.hpp"
#include "core/base/metrics.hpp"
#include "core/base/time.hpp"
#include "core/daemon/daemon.hpp"
#include "core/kube/client/client.hpp"
#include "core/kube/config/config.hpp"
#include "core/kube/http/rest_transport.hpp"
#include "core/kube/watch/reflector.hpp"
#include "core/serve/server.hpp"
#include "rules/catalogue/stored/jwt.hpp"
#include "rules/literals/scanner.hpp"
#include "webhook/cluster/grants.hpp"
#include "webhook/cluster/livestate.hpp"
#include "webhook/flags.hpp"
#include "webhook/serving.hpp"
#include "webhook/trust.hpp"

namespace {

using namespace errand;
using webhook::Flags;
using namespace std::chrono_literals;

// The longest time from SIGTERM to the end: shorter than the ten seconds of `docker stop`.
constexpr auto kEnd = 9s;

std::string operatorOf(const Flags& flags, const kube::Config& config) {
  if (!flags.rules.operatorUser.empty()) return flags.rules.operatorUser;
  return std::string(api::kAccountUserPrefix) + (config.inCluster ? config.ns : "errand-system") +
         ":errand-operator";
}

// Returns the audiences of the flag, and the API server's own. The latter are in every token for the API
// server, such as this process's.
std::vector<std::string> apiAudiencesOf(const Flags& flags, const kube::Config& config) {
  std::vector<std::string> out = flags.rules.apiAudiences;
  const Result<Sensitive> file = readSecretFile(config.tokenFile);
  for (const rules::TokenClaims& token : rules::tokensIn((file ? *file : config.token).reveal()))
    out.insert(out.end(), token.audiences.begin(), token.audiences.end());
  log::info("audiences of the API server", {{"names", fmt::format("{}", fmt::join(out, " "))}});
  return out;
}

// Waits until the file is not empty. Returns false if the process must end first.
bool awaitFile(const std::string& path, daemon::Process& process) {
  const auto filled = [&] {
    std::error_code failed;
    return std::filesystem::file_size(path, failed) > 0 && !failed;
  };
  if (filled()) return true;
  log::info("waiting for the certificate", {{"file", path}});
  while (!filled())
    if (process.awaitEnd(1s)) return false;
  return true;
}

Result<void> run(const Flags& flags, daemon::Process& process) {
  Result<kube::Config> config = kube::load(flags.source);
  if (!config) return std::unexpected(config.error());
  const std::string operatorUser = operatorOf(flags, *config);
  std::vector<std::string> apiAudiences = apiAudiencesOf(flags, *config);
  Result<std::unique_ptr<kube::Transport>> transport = kube::makeRestTransport(std::move(*config));
  if (!transport) return std::unexpected(transport.error());
  if (flags.tls.clientCa.empty() != flags.tls.clientName.empty()) {
    return fail(ErrorKind::Invalid, "--client-ca-file and --client-name: give both or neither");
  }
  metrics::gauge("errand_webhook_client_certificates_required",
                 "1 if only clients with a certificate of --client-ca-file are served; 0 if every client "
                 "that reaches the port is.")
      .set(flags.tls.clientCa.empty() ? 0 : 1);
  if (flags.tls.clientCa.empty())
    log::warn(
        "anybody who reaches this port is served: ask API servers for a certificate by --client-ca-file and "
        "--client-name, or let a NetworkPolicy name their addresses",
        {{"address", flags.listen}});

  webhook::Caches caches;
  rules::RuleSettings settings = flags.rules;
  settings.operatorUser = operatorUser;
  settings.apiAudiences = std::move(apiAudiences);
  kube::Reflector<api::TaskGrant> grants({.resource = api::kTaskGrants}, **transport, caches.grants);
  kube::Reflector<api::AgentIdentity> identities(
      {.resource = api::kAgentIdentities, .undecodableIsAbsent = true}, **transport, caches.identities);
  kube::Reflector<api::Exemption> exemptions({.resource = api::kExemptions, .undecodableIsAbsent = true},
                                             **transport, caches.exemptions);
  kube::Reflector<api::PartialObject> namespaces({.resource = api::kNamespaces, .metadataOnly = true},
                                                 **transport, caches.namespaces);
  std::stop_source stop;
  const kube::Client client(**transport, stop.get_token());
  webhook::GrantReads reads(client, caches);
  webhook::AccessReviews access(client, systemClock());
  webhook::RoleReads roles(client, systemClock());
  const webhook::LiveState cluster(caches, access, roles);

  webhook::Trust trust(client, flags.configuration);
  const serve::Server* serving = nullptr;
  std::mutex mutex;
  const auto certificate = [&]() -> Result<void> {
    const std::lock_guard lock(mutex);
    if (serving == nullptr) return fail(ErrorKind::Unavailable, "there is no certificate yet");
    if (auto valid = serving->certificate(); !valid) return valid;
    return trust.accepts(serving->chain(), systemClock().now());
  };
  const auto health =
      process.serveHealth({{"caches", [&] { return caches.synced(); }}, {"certificate", certificate}});
  if (!health) return std::unexpected(health.error());

  releaseMemory();

  // The certificate's files come from a Secret that is empty at first.
  if (!awaitFile(flags.tls.certificate, process)) return {};
  auto server = serve::Server::start(
      {.name = "admission",
       .listen = flags.listen,
       .tls = flags.tls,
       .reload = flags.certificateReload,
       .limits = flags.limits,
       .accessLogSample = flags.accessLogSample,
       .party = webhook::partyOf,
       .afterBurst = [] { rules::Scanner::instance().forget(); }},
      serve::Routes(webhook::admissionRoutes(
          cluster, std::move(settings),
          {.grant = [&](const auto& missing, const auto& behalf) { reads.want(missing, behalf); },
           .access = [&](const auto& questions, const auto& behalf) { access.want(questions, behalf); },
           .roles = [&](const auto& wanted, const auto& behalf) { roles.want(wanted, behalf); }},
          systemClock())));
  if (!server) return std::unexpected(server.error());
  {
    const std::lock_guard lock(mutex);
    serving = server->get();
  }

  process.awaitEnd();
  (*server)->retire();
  std::this_thread::sleep_for(flags.shutdownDelay);
  if (!(*server)->drain(kEnd - flags.shutdownDelay))
    log::warn("connections cut", {{"connections", (*server)->connections()}});
  {
    const std::lock_guard lock(mutex);
    serving = nullptr;
  }
  stop.request_stop();
  grants.requestStop();
  identities.requestStop();
  exemptions.requestStop();
  namespaces.requestStop();
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "The admission webhook of Errand. It completes pods from their TaskGrants, and rejects pods\n"
      "with standing credentials. On SIGTERM or SIGINT it answers the open requests and ends.",
      "errand-webhook");
  Flags flags;
  webhook::describe(app, flags);
  CLI11_PARSE(app, argc, argv);
  return daemon::run(flags.process, [&](daemon::Process& process) { return run(flags, process); });
}
