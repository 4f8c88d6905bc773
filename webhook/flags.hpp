// The command line of errand-webhook.
#pragma once

#include <string>
#include <vector>

#include "core/flags/common.hpp"
#include "core/serve/server.hpp"

namespace CLI {
class App;
}

namespace errand::webhook {

struct Flags {
  flags::Common common;
  std::string listen = "0.0.0.0:9443";
  serve::CertificateFiles tls;
  std::string operatorUser;
  std::vector<std::string> apiAudiences;
  std::string configuration = "errand";
  std::string sealDirectory;
  std::string certificateReload = "5s";
  std::string shutdownDelay = "3s";
  serve::Limits limits;
  std::uint64_t accessLogSample = 1000;
};

// `out` outlives the parsing, and holds the defaults before it.
void describe(CLI::App& app, Flags& out);

}  // namespace errand::webhook
