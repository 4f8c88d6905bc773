#include "webhook/flags.hpp"

#include <CLI/CLI.hpp>

#include "rules/catalogue/flags.hpp"

namespace errand::webhook {
namespace {

constexpr Seconds kLongestDelay{5};

}  // namespace

void describe(CLI::App& app, Flags& out) {
  const auto time = [&](const char* name, Millis& limit, const char* what) {
    daemon::addDuration(app, name, limit, what, daemon::kPositive);
  };
  const auto size = [&](const char* name, std::size_t& limit, const char* what) {
    app.add_option(name, limit, what)
        ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 32))
        ->capture_default_str();
  };
  app.set_version_flag("--version", "errand-webhook " ERRAND_VERSION);
  daemon::describe(app, out.source);
  daemon::describe(app, out.process);
  daemon::addAddress(app, "--listen", out.listen,
                     "Address for the API server's calls (HTTPS); port 0 takes a free one");
  app.add_option(
         "--tls-cert-file", out.tls.certificate,
         "PEM file of the server's certificate, followed by its intermediates. The program waits until "
         "it exists and is not empty")
      ->type_name("FILE")
      ->required();
  app.add_option("--tls-private-key-file", out.tls.key,
                 "PEM file of the certificate's key. Both files are read again when they change")
      ->type_name("FILE")
      ->required();
  app.add_option("--operator-user", out.rules.operatorUser,
                 "The operator's user name. Only this user may remove scheduling gates, or request tokens "
                 "before a grant is Active. Default: the account errand-operator of this pod's namespace, or "
                 "of errand-system outside a cluster")
      ->type_name("NAME");
  app.add_option(
         "--api-audience", out.rules.apiAudiences,
         "An audience that the API server accepts. No pod may project a token for it outside a grant. The "
         "audiences of this process's own token are known. May be given several times")
      ->type_name("NAME");
  describe(app, out.rules);
  daemon::addDuration(
      app, "--longest-grace", out.rules.longestGrace,
      "The largest terminationGracePeriodSeconds of a pod with a TaskGrant. Its processes and connections "
      "can continue that long after the end. An eviction allows at most 30 s (policy errand-grace)",
      daemon::kPositive);
  daemon::addDuration(app, "--shutdown-delay", out.shutdownDelay,
                      "Time from SIGTERM until the program stops listening; at most 5s. /readyz fails "
                      "meanwhile, so that the Service removes this endpoint",
                      {.most = kLongestDelay});
  app.add_option("--webhook-configuration", out.configuration,
                 "Name of both webhook configurations. /readyz fails unless their caBundle verifies the "
                 "certificate. Empty to skip this check")
      ->type_name("NAME")
      ->capture_default_str();
  daemon::addDuration(app, "--certificate-reload", out.certificateReload,
                      "Time between two checks of the certificate's files", daemon::kPositive);
  app.add_option(
         "--client-ca-file", out.tls.clientCa,
         "PEM authorities. Clients must have a certificate that one of them signed; requires --client-name. "
         "The API server sends one if its AdmissionConfiguration names a kubeConfigFile")
      ->type_name("FILE");
  app.add_option("--client-name", out.tls.clientName, "The common name that this certificate must have")
      ->type_name("NAME");
  app.add_option("--access-log-sample", out.accessLogSample, "Log every N-th answer; 0 for none")
      ->type_name("N")
      ->capture_default_str();

  serve::Limits& limits = out.limits;
  size("--max-connections", limits.connections,
       "Most open connections. Above it, the server closes the longest idle connection of the source with "
       "most");
  size("--max-connections-per-source", limits.connectionsPerSource,
       "Most open connections of one address. Above it, the server closes the longest idle of them");
  size("--max-requests-in-flight", limits.requests,
       "Most reviews at once. Above it, sources with more than their share are answered 429");
  size("--max-header-bytes", limits.headerBytes, "Largest request header; larger ones are answered 431");
  size("--max-body-bytes", limits.bodyBytes, "Largest request body; larger ones are answered 413");
  size(
      "--max-bodies-bytes", limits.bodiesBytes,
      "Most bytes of all bodies together. Above it, the server closes the largest request of the source with "
      "most");
  size("--lingering-bytes", limits.lingeringBytes,
       "Most bytes that the server reads and discards after a rejection, so that the client sees the answer");
  time("--handshake-timeout", limits.handshake, "Longest time of the TLS handshake");
  time("--header-timeout", limits.header, "Longest time of a request's header");
  time("--body-timeout", limits.body, "Longest time of a request's body");
  time("--write-timeout", limits.write, "Longest time until a client has read its answer");
  time("--idle-timeout", limits.idle, "Longest time between two requests of a connection");
  time("--lingering-timeout", limits.lingering, "Longest time of reading and discarding after a rejection");
}

}  // namespace errand::webhook
