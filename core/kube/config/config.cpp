#include "core/kube/config/config.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#include "core/kube/config/files.hpp"

namespace errand::kube {
namespace {

constexpr const char* kProjected = "/var/run/secrets/kubernetes.io/serviceaccount";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

}  // namespace

Result<Config> inClusterConfig(const std::filesystem::path& directory, std::string_view host,
                               std::string_view port) {
  if (host.empty() || port.empty())
    return fail(ErrorKind::Invalid,
                "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: outside of a pod, name a "
                "kubeconfig file");
  Config out;
  // cpprestsdk cannot connect to an IPv6 literal; the Service's name is in every API server's certificate.
  if (host.find(':') != std::string_view::npos) host = "kubernetes.default.svc";
  out.server = fmt::format("https://{}:{}", host, port);
  auto ca = readFile(directory / "ca.crt");
  if (!ca) return std::unexpected(std::move(ca.error()));
  out.caPem = std::move(*ca);
  out.tokenFile = directory / "token";
  if (auto token = readFile(out.tokenFile); !token)
    return std::unexpected(std::move(token.error()));
  else
    Sensitive::wipe(*token);
  if (auto ns = readFile(directory / "namespace")) out.ns = trimmed(*ns);
  return out;
}

Result<Config> load(const std::optional<std::filesystem::path>& kubeconfig) {
  if (!kubeconfig)
    return inClusterConfig(kProjected, environment("KUBERNETES_SERVICE_HOST"),
                           environment("KUBERNETES_SERVICE_PORT"));
  auto text = readFile(*kubeconfig);
  if (!text) return std::unexpected(std::move(text.error()));
  auto config = parseKubeconfig(*text, kubeconfig->parent_path());
  Sensitive::wipe(*text);
  if (!config) return std::unexpected(std::move(config.error()).in(kubeconfig->string()));
  return config;
}

}  // namespace errand::kube
