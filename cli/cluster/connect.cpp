#include "cli/cluster/connect.hpp"

#include <cstdlib>
#include <filesystem>

#include "core/kube/http/rest_transport.hpp"

namespace errand::cli {
namespace {

kube::Environment environment() {
  kube::Environment out = kube::processEnvironment();
  std::error_code failed;
  if (const char* home = std::getenv("HOME"); out.kubeconfig.empty() && home != nullptr) {
    const auto usual = std::filesystem::path(home) / ".kube" / "config";
    if (std::filesystem::is_regular_file(usual, failed)) out.kubeconfig = usual.string();
  }
  if (!out.kubeconfig.empty()) out.serviceHost.clear();
  return out;
}

// Gives each request the timeout of --request-timeout.
class Timed final : public kube::Transport {
 public:
  Timed(std::unique_ptr<kube::Transport> inner, Millis timeout)
      : inner_(std::move(inner)), timeout_(timeout) {}

  Result<kube::Response> call(const kube::Request& request, std::stop_token stop) override {
    kube::Request timed = request.copy();
    timed.timeout = timeout_;
    return inner_->call(timed, std::move(stop));
  }
  Result<kube::Response> stream(const kube::Request& request, const Sink& sink,
                                std::stop_token stop) override {
    return inner_->stream(request, sink, std::move(stop));
  }

 private:
  const std::unique_ptr<kube::Transport> inner_;
  const Millis timeout_;
};

}  // namespace

Result<Cluster> connect(const ClusterFlags& flags) {
  auto config = kube::load(flags.source, environment());
  if (!config) return std::unexpected(std::move(config.error()));
  config->impersonateUser = flags.as;
  Cluster out;
  if (!flags.allNamespaces) out.ns = flags.ns.empty() ? config->ns : flags.ns;
  auto transport = kube::makeRestTransport(std::move(*config));
  if (!transport) return std::unexpected(std::move(transport.error()));
  out.transport = std::make_unique<Timed>(std::move(*transport), flags.requestTimeout);
  return out;
}

}  // namespace errand::cli
