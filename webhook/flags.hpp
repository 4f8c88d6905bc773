// The command line of errand-webhook.
#pragma once

#include <string>

#include "core/daemon/flags.hpp"
#include "core/serve/server.hpp"
#include "rules/settings.hpp"

namespace CLI {
class App;
}

namespace errand::webhook {

// The flags of errand-webhook, with their defaults.
struct Flags {
  daemon::ProcessFlags process;
  kube::Source source;
  std::string listen = "0.0.0.0:9443";
  serve::CertificateFiles tls;
  rules::RuleSettings rules;
  std::string configuration = "errand";
  Seconds certificateReload{5};
  Seconds shutdownDelay{3};
  serve::Limits limits;
  std::uint64_t accessLogSample = 1000;
};

// Adds the flags to `app`, with the values of `out` as defaults. Parsing writes into `out`, which
// must outlive it.
void describe(CLI::App& app, Flags& out);

}  // namespace errand::webhook
