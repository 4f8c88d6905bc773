// The command line of errand-webhook.
#pragma once

#include <string>

#include "core/kube/config/config.hpp"
#include "core/serve/server.hpp"

namespace CLI {
class App;
}

namespace errand::webhook {

struct Flags {
  kube::Source source;
  std::string listen = "0.0.0.0:9443";
  serve::CertificateFiles tls;
  std::string healthListen = "0.0.0.0:8081";
  std::string operatorUser;
  std::string configuration = "errand";
  std::string certificateReload = "5s";
  std::string shutdownDelay = "3s";
  std::string logLevel = "info";
  serve::Limits limits;
  std::uint64_t accessLogSample = 1000;
};

// `flags` outlives the parsing, and holds the defaults before it.
void describe(CLI::App& app, Flags& flags);

}  // namespace errand::webhook
