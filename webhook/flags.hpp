// The command line of errand-webhook.
#pragma once

#include <string>

#include "core/flags/common.hpp"
#include "core/serve/server.hpp"
#include "rules/views.hpp"

namespace CLI {
class App;
}

namespace errand::webhook {

struct Flags {
  flags::Common common;
  std::string listen = "0.0.0.0:9443";
  serve::CertificateFiles tls;
  std::string operatorUser;
  rules::RuleSettings rules;
  std::string configuration = "errand";
  std::string certificateReload = "5s";
  std::string shutdownDelay = "3s";
  std::string longestGrace = "30s";
  serve::Limits limits;
  std::uint64_t accessLogSample = 1000;
};

// `out` outlives the parsing, and holds the defaults before it.
void describe(CLI::App& app, Flags& out);

}  // namespace errand::webhook
