#include "core/kube/config/config.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <ranges>
#include <set>
#include <utility>

#include "core/base/file.hpp"
#include "core/base/log.hpp"

namespace errand::kube {
namespace {

constexpr const char* kProjected = "/var/run/secrets/kubernetes.io/serviceaccount";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

Result<std::vector<KubeconfigFile>> readListed(std::string_view list) {
  std::vector<KubeconfigFile> out;
  std::set<std::string_view> seen;
  for (const auto part : std::views::split(list, ':')) {
    const std::string_view path(part.begin(), part.end());
    if (path.empty() || !seen.insert(path).second) continue;
    auto text = readFile(path);
    if (text)
      out.push_back({std::move(*text), path});
    else if (text.error().kind != ErrorKind::NotFound)
      return std::unexpected(std::move(text.error()));
  }
  if (out.empty())
    return fail(ErrorKind::NotFound,
                list.empty() ? "not set, and this is no pod: name a kubeconfig file with --kubeconfig FILE"
                             : "none of its files exists");
  return out;
}

}  // namespace

Result<Config> inClusterConfig(const std::filesystem::path& directory, std::string_view host,
                               std::string_view port) {
  if (host.empty() || port.empty())
    return fail(
        ErrorKind::Invalid,
        "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not both set: outside of a pod, name a "
        "kubeconfig file");
  Config out;
  out.inCluster = true;
  // cpprestsdk cannot connect to an IPv6 literal. The Service's name is in every API server's certificate.
  if (host.find(':') != std::string_view::npos) host = "kubernetes.default.svc";
  out.server = fmt::format("https://{}:{}", host, port);
  auto ca = readFile(directory / "ca.crt");
  if (!ca) return std::unexpected(std::move(ca.error()));
  out.caPem = std::move(*ca);
  out.tokenFile = directory / "token";
  if (const auto token = readSecretFile(out.tokenFile); !token) return std::unexpected(token.error());
  if (auto ns = readFile(directory / "namespace")) out.ns = trimmed(*ns);
  return out;
}

Environment processEnvironment() {
  return {variable("KUBERNETES_SERVICE_HOST"), variable("KUBERNETES_SERVICE_PORT"), variable("KUBECONFIG")};
}

Result<Config> load(const Source& source, const Environment& environment) {
  std::vector<KubeconfigFile> files;
  if (source.kubeconfig) {
    auto text = readFile(*source.kubeconfig);
    if (!text) return std::unexpected(std::move(text.error()).in("--kubeconfig"));
    files.push_back({std::move(*text), *source.kubeconfig});
  } else if (!environment.serviceHost.empty()) {
    if (!source.context.empty() || source.insecureSkipTlsVerify)
      return fail(ErrorKind::Invalid,
                  "--context and --insecure-skip-tls-verify are for kubeconfig files, and in a pod its own "
                  "account is used: add --kubeconfig FILE or leave them out");
    return inClusterConfig(kProjected, environment.serviceHost, environment.servicePort);
  } else {
    auto listed = readListed(environment.kubeconfig);
    if (!listed) return std::unexpected(std::move(listed.error()).in("$KUBECONFIG"));
    files = std::move(*listed);
  }
  auto config = parseKubeconfigs(files, source);
  for (KubeconfigFile& file : files) Sensitive::wipe(file.text);
  if (config && config->insecureSkipTlsVerify)
    log::warn(
        "THE API SERVER'S CERTIFICATE IS NOT VERIFIED: whoever is on the way can read and forge everything",
        {{"server", config->server}, {"flag", "--insecure-skip-tls-verify"}});
  return config;
}

}  // namespace errand::kube
