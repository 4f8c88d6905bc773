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
  describe(app, out.source);
  describe(app, out.process);
  daemon::addAddress(app, "--listen", out.listen,
                     "Address for the API server's calls (HTTPS); port 0 takes a free one");
  app.add_option("--tls-cert-file", out.tls.certificate,
                 "PEM certificate to serve with, its intermediates after it; waited for where it is empty or "
                 "not there")
      ->type_name("FILE")
      ->required();
  app.add_option("--tls-private-key-file", out.tls.key,
                 "PEM key of that certificate; both are reread when they change")
      ->type_name("FILE")
      ->required();
  app.add_option("--operator-user", out.operatorUser,
                 "As whom the operator comes, who alone takes gates from pods and mints before a grant is "
                 "Active; without it, the account errand-operator of this pod's own namespace, or of "
                 "errand-system outside of a cluster")
      ->type_name("NAME");
  app.add_option(
         "--api-audience", out.rules.apiAudiences,
         "An audience for which no pod may project a token outside a grant, beside those of this process's "
         "own token, which the API server takes; may be given several times")
      ->type_name("NAME");
  describe(app, out.rules);
  daemon::addDuration(
      app, "--longest-grace", out.longestGrace,
      "The longest terminationGracePeriodSeconds of a pod with a TaskGrant: so long may a process "
      "in it go on after the end, and with it what it has open. Evictions have 30 s at most "
      "(policy errand-grace)",
      daemon::kPositive);
  daemon::addDuration(
      app, "--shutdown-delay", out.shutdownDelay,
      "How long to serve on after SIGTERM while /readyz fails, so that the endpoints of the Service "
      "are without this process before it listens no more; 5s at most",
      {.most = kLongestDelay});
  app.add_option("--webhook-configuration", out.configuration,
                 "Name of the webhook configurations whose caBundle must verify the certificate, or /readyz "
                 "fails; empty for none")
      ->type_name("NAME")
      ->capture_default_str();
  daemon::addDuration(app, "--certificate-reload", out.certificateReload,
                      "Between two looks at the files of the certificate", daemon::kPositive);
  app.add_option(
         "--client-ca-file", out.tls.clientCa,
         "PEM authorities of which callers must have a client certificate; with --client-name. The API "
         "server sends one where its AdmissionConfiguration names a kubeConfigFile")
      ->type_name("FILE");
  app.add_option("--client-name", out.tls.clientName, "The common name that this certificate must have")
      ->type_name("NAME");
  app.add_option("--access-log-sample", out.accessLogSample, "Log each N-th answer; 0 for none")
      ->type_name("N")
      ->capture_default_str();

  serve::Limits& limits = out.limits;
  size("--max-connections", limits.connections,
       "Connections at once; for a further one, what has been idle longest of the source that has most is "
       "cut");
  size("--max-connections-per-source", limits.connectionsPerSource,
       "The same of one address, which loses its own");
  size("--max-requests-in-flight", limits.requests,
       "Reviews at once; of further ones those are answered 429 whose source has more than its share");
  size("--max-header-bytes", limits.headerBytes, "Of one request; 431 beyond");
  size("--max-body-bytes", limits.bodyBytes, "Of one request; 413 beyond");
  size("--max-bodies-bytes", limits.bodiesBytes,
       "Of all requests together; for a further one, the largest of the source that has most is cut");
  size("--lingering-bytes", limits.lingeringBytes,
       "Of what a refused client is still sending, taken so that it sees the answer");
  time("--handshake-timeout", limits.handshake, "For the whole TLS handshake");
  time("--header-timeout", limits.header, "For the whole header of a request");
  time("--body-timeout", limits.body, "For the whole body of a request");
  time("--write-timeout", limits.write, "For a client to take its answer");
  time("--idle-timeout", limits.idle, "Between two requests");
  time("--lingering-timeout", limits.lingering, "To take what a refused client is still sending");
}

}  // namespace errand::webhook
