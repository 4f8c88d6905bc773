#include "core/flags/common.hpp"

#include <CLI/CLI.hpp>

#include "core/base/time.hpp"
#include "core/serve/listener.hpp"

namespace errand::flags {

std::string whyNoAddress(const std::string& text) {
  const auto read = serve::parseAddress(text);
  return read ? std::string() : read.error().message;
}

std::string whyNoDuration(const std::string& text) {
  const auto read = parseDuration(text);
  return read ? std::string() : read.error().message;
}

void addDuration(CLI::App& app, const std::string& name, std::string& out, const std::string& what) {
  app.add_option(name, out, what)
      ->type_name("DURATION")
      ->check(CLI::Validator(whyNoDuration, ""))
      ->capture_default_str();
}

void describe(CLI::App& app, Common& flags) {
  app.add_option_function<std::string>(
         "--kubeconfig", [&flags](const std::string& file) { flags.source.kubeconfig = file; },
         "How to reach the API server; without it, as the pod's own account where KUBERNETES_SERVICE_HOST\n"
         "is set, else by the files of $KUBECONFIG")
      ->type_name("FILE");
  app.add_option("--context", flags.source.context, "The kubeconfig's context; without it, current-context")
      ->type_name("NAME");
  app.add_flag(
      "--insecure-skip-tls-verify", flags.source.insecureSkipTlsVerify,
      "Do not verify the API server's certificate: whoever is on the way reads and forges everything");
  app.add_option("--health-listen", flags.healthListen, "Address for /healthz, /readyz and /metrics (HTTP)")
      ->type_name("IP:PORT")
      ->check(CLI::Validator(whyNoAddress, ""))
      ->capture_default_str();
  app.add_option("--log-level", flags.logLevel, "What to log")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->capture_default_str();
}

}  // namespace errand::flags
