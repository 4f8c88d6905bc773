// Configuration of the client: the API server's address and our credentials, in-cluster or from a kubeconfig.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/sensitive.hpp"

namespace errand::kube {

// A credential plugin: users[].user.exec of a kubeconfig.
struct ExecSpec {
  std::string apiVersion;  // client.authentication.k8s.io/v1 or /v1beta1
  std::string command;     // absolute, or a bare name to look up in PATH
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;  // besides the process's own
  bool provideClusterInfo = false;
  std::string installHint;
};

struct Config {
  std::string server;               // https://host[:port][/prefix], without a trailing slash
  std::string caPem;                // the only authorities trusted; empty: the system's
  std::filesystem::path tokenFile;  // read again each minute; wins over `token`
  Sensitive token;
  std::string clientCertificatePem;  // a chain, leaf first
  Sensitive clientKeyPem;
  std::optional<ExecSpec> exec;  // replaces any other credential
  std::string tlsServerName;     // name required in the certificate; empty: the server's host
  std::string impersonateUser;   // Impersonate-User of each request; empty: none. Never from a kubeconfig
  bool insecureSkipTlsVerify = false;
  bool inCluster = false;
  std::string ns = "default";  // of our pod, or of the kubeconfig's context
};

// Settings from the command line.
struct Source {
  std::optional<std::filesystem::path> kubeconfig = std::nullopt;
  std::string context = {};            // empty: current-context
  bool insecureSkipTlsVerify = false;  // if false, a kubeconfig that sets it is rejected
};

// Settings from the environment: KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT, KUBECONFIG.
struct Environment {
  std::string serviceHost, servicePort, kubeconfig;
};
Environment processEnvironment();

// Loads the first of:
// - the kubeconfig file of `source`;
// - if KUBERNETES_SERVICE_HOST is set, the files that the kubelet projects into
//   every pod (client-go's rest.InClusterConfig);
// - the files of $KUBECONFIG, separated by colons; missing files are skipped.
// It does not read ~/.kube/config: a server that uses whatever it finds there
// runs as the wrong user sooner or later.
//
// Invalid if the configuration has a rejected setting: an http server,
// insecure-skip-tls-verify unless `source` allows it, auth-provider plugins,
// basic authentication, impersonation, proxies, or an IPv6 literal as host.
// Also Invalid if `source` sets a context or insecureSkipTlsVerify in-cluster.
Result<Config> load(const Source& source, const Environment& environment = processEnvironment());

// Returns the URL of an API server without a trailing slash. Invalid if it is not https, or has an IPv6
// literal, a user, a query or a fragment.
Result<std::string> checkServer(std::string server);

struct KubeconfigFile {
  std::string text;
  std::filesystem::path path;  // relative names in it count from its directory
};

// Reads the kubeconfig format of client-go (clientcmd v1) and merges files by its
// rules. The first file with an entry of a name provides the whole entry; the
// first with a current-context sets it. A name that occurs twice in one file, and
// more than 100 YAML aliases in one, are Invalid. Errors quote no value of a user entry.
// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
Result<Config> parseKubeconfigs(const std::vector<KubeconfigFile>& files, const Source& source);

// `directory` holds token, ca.crt and namespace; host and port are those of
// KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT.
Result<Config> inClusterConfig(const std::filesystem::path& directory, std::string_view host,
                               std::string_view port);

}  // namespace errand::kube
