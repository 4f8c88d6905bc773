// errand-cainjector: creates and renews the webhook's certificate, and publishes its authority in both
// webhook configurations. It is a separate process, because a process that may write those configurations
// controls the cluster.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "core/base/log.hpp"
#include "core/daemon/daemon.hpp"
#include "core/daemon/healthprobe.hpp"
#include "core/kube/config/config.hpp"
#include "core/kube/http/reachability.hpp"
#include "core/kube/http/rest_transport.hpp"
#include "core/kube/lead/leader.hpp"
#include "operator/certificates/certificaterotator.hpp"

namespace {

using namespace errand;

constexpr const char* kLease = "errand-cainjector";

struct Flags {
  daemon::ProcessFlags process{.healthListen = "127.0.0.1:8081"};
  kube::Source source;
  daemon::LeaderFlags leader;
  certificates::Settings certificates;
  std::string check;
};

void describe(CLI::App& app, Flags& flags) {
  const auto loopback = [](const std::string& text) {
    return daemon::isLoopback(text) ? std::string() : "\"" + text + "\" is no loopback address";
  };
  app.set_version_flag("--version", "errand-cainjector " ERRAND_VERSION);
  daemon::describe(app, flags.source);
  daemon::describe(app, flags.process);
  app.get_option("--health-listen")->check(CLI::Validator(loopback, ""));
  app.add_option(
         "--check", flags.check,
         "Only check the process that listens at --health-listen: exit with 0 if it answers 200, else\n"
         "with 1. For exec probes, because no kubelet reaches a pod's loopback address")
      ->check(CLI::IsMember({"healthz", "readyz"}));
  daemon::describe(app, flags.leader, kLease);
  app.add_option("--certificates-namespace", flags.certificates.ns,
                 "The namespace of the Secrets errand-webhook-ca and errand-webhook-tls. Default: the pod's")
      ->type_name("NAMESPACE");
  app.add_option("--webhook-name", flags.certificates.names,
                 "A DNS name or IP address by which the API server calls the webhook. Default: the names of\n"
                 "the Service errand-webhook. May be given several times")
      ->type_name("NAME");
  daemon::addDuration(app, "--certificate-duration", flags.certificates.servingLife,
                      "Lifetime of the webhook's certificate. It is renewed when a third of that is left",
                      {.least = Seconds{3}});
  daemon::addDuration(app, "--authority-duration", flags.certificates.authorityLife,
                      "Lifetime of the signing authority. It is replaced when a third of that is left");
  daemon::addDuration(app, "--authority-settle-time", flags.certificates.settle,
                      "Time from the publication of an authority until it signs. Each API server must use\n"
                      "it by then");
}

Result<certificates::Settings> settingsOf(const Flags& flags, const std::string& ownNamespace) {
  certificates::Settings settings = flags.certificates;
  if (settings.ns.empty()) settings.ns = ownNamespace;
  if (settings.names.empty()) {
    const std::string service = "errand-webhook." + settings.ns + ".svc";
    settings.names = {service, service + ".cluster.local"};
  }
  if (settings.servingLife > settings.authorityLife) {
    return fail(ErrorKind::Invalid,
                fmt::format("--certificate-duration {} must be no longer than --authority-duration {}",
                            formatDuration(settings.servingLife), formatDuration(settings.authorityLife)));
  }
  return settings;
}

Result<void> run(const Flags& flags, daemon::Process& process) {
  auto config = kube::load(flags.source);
  if (!config) return std::unexpected(config.error());
  auto settings = settingsOf(flags, config->ns);
  if (!settings) return std::unexpected(std::move(settings.error()));
  auto lease = daemon::leaseOf(flags.leader, kLease, config->ns);
  if (!lease) return std::unexpected(std::move(lease.error()));
  auto transport = kube::makeRestTransport(std::move(*config));
  if (!transport) return std::unexpected(transport.error());

  kube::Reachability server(**transport);
  kube::Leader leader(server, *lease);
  std::stop_source calls;
  const kube::Client client(leader.transport(), calls.get_token(), server.pause());
  certificates::CertificateRotator rotator(client, std::move(*settings), systemClock());
  const auto health = process.serveHealth({{"certificates", [&] { return rotator.current(); }}});
  if (!health) return std::unexpected(health.error());
  std::jthread leading([&](const std::stop_token& stop) {
    leader.run(stop, [&](const std::stop_token& over) { rotator.run(over, server.pause()); });
  });
  log::info("started", {{"version", ERRAND_VERSION}});
  process.awaitEnd();
  leading.request_stop();
  calls.request_stop();
  leading.join();
  leader.release();
  return {};
}

int ask(const Flags& flags) {
  const auto healthy = daemon::probeHealth(flags.process.healthListen, flags.check);
  if (healthy) return EXIT_SUCCESS;
  std::cerr << "errand-cainjector: " << healthy.error().message << '\n';
  return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "The certificates of Errand's webhook. It creates and renews them (Secrets errand-webhook-ca and\n"
      "errand-webhook-tls), and publishes their authority as caBundle of both webhook configurations.\n"
      "Do not install it if cert-manager or a fixed caBundle does that.");
  Flags flags;
  describe(app, flags);
  CLI11_PARSE(app, argc, argv);
  if (!flags.check.empty()) return ask(flags);
  return daemon::run(flags.process, [&](daemon::Process& process) { return run(flags, process); });
}
