// Where the API server is and as whom we come: in-cluster or from a kubeconfig.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"

namespace errand::kube {

struct Config {
  std::string server;               // https://host[:port][/prefix], without a trailing slash
  std::string caPem;                // the only authorities trusted; empty: the system's
  std::filesystem::path tokenFile;  // read again each minute; wins over `token`
  Sensitive token;
  std::string clientCertificatePem;  // a chain, leaf first
  Sensitive clientKeyPem;
  std::string ns = "default";  // of our pod, or of the kubeconfig's context
};

// Reads the given kubeconfig file, or, without one, the files that the kubelet
// projects into every pod (client-go's rest.InClusterConfig). $KUBECONFIG and
// ~/.kube/config are not consulted: a server that runs with whatever lies
// around runs as the wrong user sooner or later.
//
// Invalid where the configuration asks for what we refuse: an http server,
// insecure-skip-tls-verify, exec and auth-provider plugins, basic
// authentication, impersonation, an IPv6 literal as host.
Result<Config> load(const std::optional<std::filesystem::path>& kubeconfig);

// The kubeconfig format of client-go (clientcmd v1). Relative file names count
// from `directory`.
Result<Config> parseKubeconfig(std::string_view yaml, const std::filesystem::path& directory);

// `directory` holds token, ca.crt and namespace; host and port are those of
// KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT.
Result<Config> inClusterConfig(const std::filesystem::path& directory, std::string_view host,
                               std::string_view port);

}  // namespace errand::kube
