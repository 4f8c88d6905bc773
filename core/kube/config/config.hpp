// Where the API server is and as whom we come: in-cluster or from a kubeconfig.
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
  std::optional<ExecSpec> exec;  // in the place of any other credential
  std::string tlsServerName;     // whom the certificate must name; empty: the server's host
  bool insecureSkipTlsVerify = false;
  bool inCluster = false;
  std::string ns = "default";  // of our pod, or of the kubeconfig's context
};

// What the command line says.
struct Source {
  std::optional<std::filesystem::path> kubeconfig = std::nullopt;
  std::string context = {};            // empty: current-context
  bool insecureSkipTlsVerify = false;  // without it, a kubeconfig that wants this is refused
};

// What the environment says: KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT, KUBECONFIG.
struct Environment {
  std::string serviceHost, servicePort, kubeconfig;
};
Environment processEnvironment();

// The kubeconfig file that was named; else, where KUBERNETES_SERVICE_HOST is set,
// the files that the kubelet projects into every pod (client-go's
// rest.InClusterConfig); else the files of $KUBECONFIG, separated by colons,
// of which those that do not exist are passed over. ~/.kube/config is not
// consulted: a server that runs with whatever lies around runs as the wrong user
// sooner or later.
//
// Invalid where the configuration asks for what we refuse: an http server,
// insecure-skip-tls-verify unless it was asked for, auth-provider plugins,
// basic authentication, impersonation, proxies, an IPv6 literal as host; and
// where a context or insecure-skip-tls-verify is asked for in-cluster.
Result<Config> load(const Source& source, const Environment& environment = processEnvironment());

// The URL of an API server, without a trailing slash; Invalid where it is none that we can call: no https, an
// IPv6 literal, a user, a query or a fragment.
Result<std::string> checkServer(std::string server);

struct KubeconfigFile {
  std::string text;
  std::filesystem::path path;  // relative names in it count from its directory
};

// The kubeconfig format of client-go (clientcmd v1), merged by its rules: the
// first file with an entry of a name has the whole of it, and the first with a
// current-context decides. A name that comes twice in one file, and more than
// 100 YAML aliases in one, are Invalid. Errors quote no value of a user entry.
// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
Result<Config> parseKubeconfigs(const std::vector<KubeconfigFile>& files, const Source& source);

// `directory` holds token, ca.crt and namespace; host and port are those of
// KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT.
Result<Config> inClusterConfig(const std::filesystem::path& directory, std::string_view host,
                               std::string_view port);

}  // namespace errand::kube
