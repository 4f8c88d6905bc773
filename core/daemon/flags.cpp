#include "core/daemon/flags.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "core/base/crypto.hpp"
#include "core/serve/listener.hpp"

namespace errand::daemon {
namespace {

std::string whyNoDuration(const std::string& text, const Bounds& bounds) {
  const auto read = parseDuration(text);
  if (!read) return read.error().message;
  if (*read < bounds.least) {
    return bounds.least == kPositive.least ? "must be longer than 0s"
                                           : fmt::format("must be {} at least", formatDuration(bounds.least));
  }
  if (*read > bounds.most) return fmt::format("must be {} at most", formatDuration(bounds.most));
  return {};
}

template <class Out>
CLI::Option* add(CLI::App& app, const std::string& name, Out& out, const std::string& what,
                 const Bounds& bounds) {
  const auto store = [&out](const std::string& text) {
    if (const auto read = parseDuration(text)) out = *read;
  };
  const auto check = [bounds](const std::string& text) { return whyNoDuration(text, bounds); };
  return app.add_option_function<std::string>(name, store, what)
      ->type_name("DURATION")
      ->check(CLI::Validator(check, ""));
}

std::string under(const std::string& condition, const char* what) {
  return condition.empty() ? what : fmt::format("{}; {}", what, condition);
}

}  // namespace

CLI::Option* addDuration(CLI::App& app, const std::string& name, Seconds& out, const std::string& what,
                         Bounds bounds) {
  return add(app, name, out, what, bounds)->default_str(formatDuration(out));
}

CLI::Option* addDuration(CLI::App& app, const std::string& name, Millis& out, const std::string& what,
                         Bounds bounds) {
  return add(app, name, out, what, bounds)
      ->default_str(formatDuration(std::chrono::duration_cast<Seconds>(out)));
}

CLI::Option* addDuration(CLI::App& app, const std::string& name, std::optional<Seconds>& out,
                         const std::string& what, Bounds bounds) {
  return add(app, name, out, what, bounds);
}

CLI::Option* addAddress(CLI::App& app, const std::string& name, std::string& out, const std::string& what) {
  const auto check = [](const std::string& text) {
    const auto read = serve::parseAddress(text);
    return read ? std::string() : read.error().message;
  };
  return app.add_option(name, out, what)
      ->type_name("IP:PORT")
      ->check(CLI::Validator(check, ""))
      ->capture_default_str();
}

CLI::Option* requireHttps(CLI::Option* option) {
  const auto check = [](const std::string& text) {
    return text.starts_with("https://") ? std::string() : "\"" + text + "\" does not begin with https://";
  };
  return option->type_name("URL")->check(CLI::Validator(check, ""));
}

void describe(CLI::App& app, ProcessFlags& flags, const std::string& condition) {
  addAddress(app, "--health-listen", flags.healthListen,
             under(condition, "Address for /healthz, /readyz and /metrics (HTTP)"));
  const auto store = [&flags](const std::string& name) {
    flags.logLevel = log::parseLevel(name).value_or(flags.logLevel);
  };
  app.add_option_function<std::string>("--log-level", store, under(condition, "Lowest level to log"))
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->default_str(std::string(log::nameOf(flags.logLevel)));
}

void describe(CLI::App& app, kube::Source& source) {
  app.add_option_function<std::string>(
         "--kubeconfig", [&source](const std::string& file) { source.kubeconfig = file; },
         "The kubeconfig file. Default: the pod's own account if KUBERNETES_SERVICE_HOST is set,\n"
         "or else the files of $KUBECONFIG")
      ->type_name("FILE");
  app.add_option("--context", source.context, "The context in the kubeconfig. Default: current-context")
      ->type_name("NAME");
  app.add_flag(
      "--insecure-skip-tls-verify", source.insecureSkipTlsVerify,
      "Do not verify the API server's certificate. An attacker on the network can then read and forge all "
      "traffic");
}

void describe(CLI::App& app, LeaderFlags& flags, const std::string& lease) {
  app.add_flag(
      "--leader-elect,!--no-leader-elect", flags.elect,
      fmt::format("Act only while this process holds the Lease {}, so that several replicas may run.\n"
                  "Without it, run one replica only",
                  lease));
  app.add_option("--leader-elect-namespace", flags.ns,
                 "The namespace of the Lease. Default: the pod's own namespace")
      ->type_name("NAMESPACE");
  addDuration(app, "--leader-elect-lease-duration", flags.spec.duration,
              "Time without a renewal after which another replica takes over");
  addDuration(app, "--leader-elect-renew-deadline", flags.spec.renewDeadline,
              "Time that a leader continues to act after its last successful renewal");
  addDuration(app, "--leader-elect-retry-period", flags.spec.retry,
              "Time between two attempts to get or renew the Lease");
}

Result<std::optional<kube::LeaseSpec>> leaseOf(const LeaderFlags& flags, const std::string& lease,
                                               const std::string& ownNamespace) {
  if (!flags.elect) return std::nullopt;
  kube::LeaseSpec spec = flags.spec;
  spec.ns = flags.ns.empty() ? ownNamespace : flags.ns;
  spec.name = lease;
  // A random part, because a restarted container has the same host name.
  spec.identity = fmt::format("{}_{:016x}", hostName(lease), systemRandom().next());
  if (auto valid = kube::check(spec); !valid)
    return std::unexpected(std::move(valid.error()).in("--leader-elect-*"));
  return spec;
}

std::string hostName(const std::string& otherwise) {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : otherwise;
}

}  // namespace errand::daemon
