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

}  // namespace

Result<Cluster> connect(const ClusterFlags& flags) {
  auto config = kube::load(flags.source, environment());
  if (!config) return std::unexpected(std::move(config.error()));
  config->impersonateUser = flags.as;
  Cluster out;
  if (!flags.allNamespaces) out.ns = flags.ns.empty() ? config->ns : flags.ns;
  auto transport = kube::makeRestTransport(std::move(*config), {.callTimeout = flags.requestTimeout});
  if (!transport) return std::unexpected(std::move(transport.error()));
  out.transport = std::move(*transport);
  return out;
}

}  // namespace errand::cli
