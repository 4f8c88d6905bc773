// The part of the command line that both processes share.
#pragma once

#include <string>

#include "core/kube/config/config.hpp"

namespace CLI {
class App;
}

namespace errand::flags {

struct Common {
  kube::Source source;
  std::string healthListen = "0.0.0.0:8081";
  std::string logLevel = "info";
};

// --kubeconfig, --context, --insecure-skip-tls-verify, --health-listen and
// --log-level. `flags` outlives the parsing, and holds the defaults before it.
void describe(CLI::App& app, Common& flags);

// Why the text is no IP:PORT, or no duration; empty where it is one. For CLI::Validator.
std::string whyNoAddress(const std::string& text);
std::string whyNoDuration(const std::string& text);

// --NAME DURATION, checked; `out` holds the default before.
void addDuration(CLI::App& app, const std::string& name, std::string& out, const std::string& what);

}  // namespace errand::flags
